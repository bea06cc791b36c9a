"""Accuracy, macro-F1 and AUC of two models on the same samples, with intervals for each and for the difference.

Resampling draws whole subjects where they are known: pictures of one face are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Figure", "compare"]

_NAMES = ("accuracy", "macro-F1", "AUC")
_DRAWS = 1000
_ROWS = 4_000_000  # numbers held at once


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def compare(
    y: NDArray[np.int64],
    groups: NDArray[np.str_],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    *,
    seed: int,
) -> dict[str, dict[str, Figure]]:
    """`{"accuracy": {"before": ..., "after": ..., "change": ...}, ...}` from N x labels probabilities."""
    units = np.unique(groups, return_inverse=True)[1] if len(groups) else np.arange(len(y))
    random = np.random.default_rng(seed)
    count = int(units.max()) + 1
    scorers = {"before": _Scorer(y, before), "after": _Scorer(y, after)}
    once = {name: scorer(np.ones((1, len(y)))) for name, scorer in scorers.items()}
    draws: dict[str, list[NDArray[np.float64]]] = {name: [] for name in scorers}
    step = max(1, _ROWS // len(y))
    for start in range(0, _DRAWS, step):
        size = min(step, _DRAWS - start)
        weights = random.multinomial(count, np.full(count, 1 / count), size=size)[:, units].astype(np.float64)
        for name, scorer in scorers.items():
            draws[name].append(scorer(weights))
    drawn = {name: np.concatenate(parts) for name, parts in draws.items()}
    once["change"] = once["after"] - once["before"]
    drawn["change"] = drawn["after"] - drawn["before"]
    return {
        figure: {name: _figure(once[name][0, column], drawn[name][:, column]) for name in ("before", "after", "change")}
        for column, figure in enumerate(_NAMES)
    }


def _figure(value: float, draws: NDArray[np.float64]) -> Figure:
    known = draws[np.isfinite(draws)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return Figure(float(value), float(low), float(high))


class _Scorer:
    """The three figures for many weightings of the same samples."""

    def __init__(self, y: NDArray[np.int64], p: NDArray[np.float32]) -> None:
        self._y, self._guess = y, p.argmax(axis=1)
        self._labels = sorted(set(y.tolist()))
        self._orders = []
        for label in self._labels:
            order = np.argsort(p[:, label], kind="stable")
            starts = np.flatnonzero(np.r_[True, np.diff(p[order, label]) > 0])
            self._orders.append((order, starts, y[order] == label))

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draws x samples to draws x (accuracy, macro-F1, AUC)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            right = weights @ (self._y == self._guess)
            f1 = [self._f1(weights, label) for label in self._labels]
            auc = [self._auc(weights, *order) for order in self._orders]
            return np.column_stack([right / weights.sum(axis=1), np.nanmean(f1, axis=0), np.nanmean(auc, axis=0)])

    def _f1(self, weights: NDArray[np.float64], label: int) -> NDArray[np.float64]:
        meant, said = self._y == label, self._guess == label
        return 2 * (weights @ (meant & said)) / (weights @ meant + weights @ said)

    @staticmethod
    def _auc(
        weights: NDArray[np.float64], order: NDArray[np.intp], starts: NDArray[np.intp], positive: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        ordered = weights[:, order]
        ones = np.add.reduceat(ordered * positive, starts, axis=1)
        zeros = np.add.reduceat(ordered * ~positive, starts, axis=1)
        below = np.cumsum(zeros, axis=1) - zeros / 2  # equal scores count half
        return (ones * below).sum(axis=1) / (ones.sum(axis=1) * zeros.sum(axis=1))
