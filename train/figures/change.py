"""What one network gives for another: accuracy, macro-F1 and AUC of both on the same samples, and their difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from train.figures.draws import Draws, Estimate, Floats, draw, estimate
from train.figures.scores import auc, confusions, recall_precision_f1

__all__ = ["compare"]


def compare(
    y: NDArray[np.int64],
    groups: NDArray[np.str_],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    *,
    seed: int,
    figures: Callable[[Draws, NDArray[np.int64], NDArray[np.float32]], dict[str, Floats]] | None = None,
) -> dict[str, dict[str, Estimate]]:
    """`{"accuracy": {"before": ..., "after": ..., "change": ...}, ...}` from N x labels probabilities.

    Both are measured on the same draws, so the interval of the change is that of paired samples. `figures` may be
    others than these three.
    """
    draws = draw(groups if len(groups) else np.full(len(y), ""), seed=seed)
    measured = figures or _figures
    old, new = measured(draws, y, before), measured(draws, y, after)
    return {
        name: {
            "before": estimate(old[name]),
            "after": estimate(new[name]),
            "change": estimate(new[name] - old[name]),
        }
        for name in old
        if np.isfinite(old[name][0])  # of a single label there is no AUC
    }


def _figures(draws: Draws, y: NDArray[np.int64], p: NDArray[np.float32]) -> dict[str, Floats]:
    confusion = confusions(draws, y, p.argmax(axis=1), p.shape[1])
    _, _, f1 = recall_precision_f1(confusion)
    one_against_rest = [auc(draws, p[:, label].astype(float), y == label, y != label) for label in np.unique(y)]
    return {
        "accuracy": np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum(axis=(-2, -1)),
        "macro-F1": np.nanmean(f1, axis=-1),
        "AUC": np.mean(one_against_rest, axis=0),
    }
