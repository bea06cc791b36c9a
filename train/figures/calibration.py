"""Do probabilities mean what they say, and which temperature makes them?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from edge.model.temperature import tempered
from train.figures.draws import Draws, Floats

__all__ = ["best_temperature", "bins", "error", "left_out", "trust"]

_BINS = 15
_LEAST, _MOST = 0.25, 8.0


def bins(draws: Draws, p: Floats, right: NDArray[np.bool_]) -> Floats:
    """Draws x bins of confidence x (samples, sum of confidence, hits)."""
    confidence = p.max(axis=1)
    at = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    values = np.zeros((len(right), _BINS, 3))
    values[np.arange(len(at)), at] = np.column_stack([np.ones(len(at)), confidence, right])
    return draws.sums(values)


def error(found: Floats) -> Floats:
    """How far confidence and accuracy lie apart, mean over the samples of all bins."""
    return np.abs(found[..., 1] - found[..., 2]).sum(axis=-1) / found[..., 0].sum(axis=-1)


def trust(draws: Draws, y: NDArray[np.int64], p: NDArray[np.float32]) -> dict[str, Floats]:
    """What a temperature changes: calibration error and mean log loss, in every draw."""
    losses = np.column_stack([_losses(p, y), np.ones(len(y))])
    sums = draws.sums(losses)
    return {
        "calibration error": error(bins(draws, p.astype(float), y == p.argmax(axis=1))),
        "log loss": sums[:, 0] / sums[:, 1],
    }


def best_temperature(p: NDArray[np.float32], y: NDArray[np.int64]) -> float:
    """That of least log loss, between 0.25 and 8."""
    found = minimize_scalar(
        lambda power: _losses(tempered(p, float(np.exp(power))), y).mean(),
        bounds=(np.log(_LEAST), np.log(_MOST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def left_out(p: NDArray[np.float32], y: NDArray[np.int64], groups: NDArray[np.str_]) -> NDArray[np.float32]:
    """Each subject's probabilities at the temperature that all the others ask for: nobody chooses their own."""
    out = p.copy()
    for name in np.unique(groups):
        theirs = groups == name
        out[theirs] = tempered(p[theirs], best_temperature(p[~theirs], y[~theirs]))
    return out


def _losses(p: NDArray[np.float32], y: NDArray[np.int64]) -> Floats:
    return -np.log(np.maximum(p[np.arange(len(y)), y].astype(float), 1e-9))
