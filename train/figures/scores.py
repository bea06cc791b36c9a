"""Recall, precision, F1 and AUC in every draw at once. NaN where a draw has nothing to measure them on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from train.figures.draws import Draws, Floats

__all__ = ["auc", "confusions", "recall_precision_f1"]

_CHUNK = 1 << 24  # numbers held at once


def confusions(draws: Draws, y: NDArray[np.int64], predicted: NDArray[np.int64], labels: int) -> Floats:
    """Draws x true label x predicted label."""
    cells = np.zeros((len(y), labels, labels))
    cells[np.arange(len(y)), y, predicted] = 1
    return draws.sums(cells)


def recall_precision_f1(confusion: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each label; recall and F1 are NaN where a label does not occur."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, guessed = confusion.sum(axis=-1), confusion.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(true > 0, hits / true, np.nan)
        precision = np.where(guessed > 0, hits / guessed, 0)
        f1 = np.where(true > 0, 2 * hits / (true + guessed), np.nan)
    return recall, precision, f1


def auc(draws: Draws, score: Floats, positive: NDArray[np.bool_], negative: NDArray[np.bool_]) -> Floats:
    """How often a positive scores above a negative; ties count half."""
    taken = positive | negative
    if not positive.any() or not negative.any():
        return np.full(len(draws.times), np.nan)
    place = np.unique(score[taken], return_inverse=True)[1]
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    members, is_positive = draws.members[taken][order], positive[taken][order]
    found: list[Floats] = []
    for times in _chunks(draws.times, len(order)):
        weight = times[:, members]
        up = np.add.reduceat(weight * is_positive, starts, axis=1)
        down = np.add.reduceat(weight * ~is_positive, starts, axis=1)
        below = np.cumsum(down, axis=1) - down / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            found.append((up * below).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1)))
    return np.concatenate(found)


def _chunks(times: Floats, samples: int) -> Iterator[Floats]:
    rows = max(1, _CHUNK // max(samples, 1))
    for start in range(0, len(times), rows):
        yield times[start : start + rows]
