"""How far the reading of one face is to be trusted, by the height at which a camera saw it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.model.card import Reliability
from train.datasets.dataset import Dataset
from train.datasets.names import LEVELS
from train.figures.draws import Floats, draw
from train.figures.scores import auc
from train.judging.as_seen import Answers
from train.seeing.conditions import CONDITIONS, Seen

__all__ = ["errors_of", "reliability"]

_WORTH = np.array([0, 0.5, 1.0])
"""Of low, mid and high, as the record counts them."""


def reliability(answers: Answers, dataset: Dataset) -> tuple[Reliability, ...]:
    """By rising height, of a network that tells LEVELS apart; none where the data do not hold them all."""
    y = np.array([sample.label for sample in dataset.samples], np.int64)
    groups = np.array([sample.group for sample in dataset.samples])
    if dataset.labels != LEVELS or len(np.unique(y)) < len(LEVELS):
        return ()
    rows: list[Reliability] = []
    for name, how in sorted(CONDITIONS.items(), key=lambda item: item[1].height):
        if name not in answers or how != Seen(how.height):
            continue
        p = answers[name].astype(float)
        spread, shared = errors_of(p @ _WORTH, y, groups)
        found = float(auc(draw(groups, seed=0), p[:, 0], y == 0, y != 0)[0])
        rows.append(
            Reliability(height=how.height, auc=round(found, 4), spread=round(spread, 4), shared=round(shared, 4))
        )
    return tuple(rows)


def errors_of(engaged: Floats, y: NDArray[np.int64], groups: NDArray[np.str_]) -> tuple[float, float]:
    """The error of one reading that differs from face to face, and the one that a class's faces share.

    A class whose levels are mixed as m errs, on average over many faces, by the sum of m times each level's
    mean error b. Over all mixes, each as likely as another (a flat Dirichlet distribution), the square of that
    has the mean ((sum of b)^2 + sum of b^2) / 12: the shared part of the mean square error. The rest is the face's.
    """
    bias, square = np.zeros(len(_WORTH)), np.zeros(len(_WORTH))
    for label, true in enumerate(_WORTH):
        here = y == label
        error, subjects = engaged[here] - true, np.unique(groups[here], return_inverse=True)[1]
        # Subjects differ in how many pictures they have; in a class everybody is one.
        weight = 1 / np.bincount(subjects)[subjects]
        bias[label] = np.average(error, weights=weight)
        square[label] = np.average(error**2, weights=weight)
    shared = (bias.sum() ** 2 + (bias**2).sum()) / 12
    return float(np.sqrt(max(square.mean() - shared, 0))), float(np.sqrt(shared))
