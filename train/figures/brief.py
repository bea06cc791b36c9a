"""The few figures that are compared over conditions, groups and runs, in every draw at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from train.datasets.names import BINARY, LEVELS
from train.figures.draws import Draws, Floats
from train.figures.scores import auc, confusions, recall_precision_f1

__all__ = ["brief", "mean", "worth"]


def brief(draws: Draws, p: Floats, y: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, Floats]:
    """Accuracy, macro-F1, and the AUC that says most: that of low among levels, else the mean over the labels."""
    confusion = confusions(draws, y, p.argmax(axis=1), len(labels))
    _, _, f1 = recall_precision_f1(confusion)
    with np.errstate(invalid="ignore"):
        accuracy = np.trace(confusion, axis1=-2, axis2=-1) / confusion.sum(axis=(-2, -1))
    known = np.isfinite(f1).sum(axis=-1)
    macro = np.where(known > 0, np.nansum(f1, axis=-1) / np.maximum(known, 1), np.nan)
    name, area = _auc(draws, p, y, labels)
    return {"accuracy": accuracy, "macro-F1": macro, name: area}


def mean(draws: Draws, values: Floats) -> Floats:
    """NaN in a draw that holds no sample."""
    total, count = draws.sums(values), draws.sums(np.ones(len(values)))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def worth(labels: tuple[str, ...]) -> Floats | None:
    """How engaged each label is, as the record counts it; None where labels say nothing of that."""
    return {LEVELS: np.array([0, 0.5, 1.0]), BINARY: np.array([0, 1.0])}.get(labels)


def _auc(draws: Draws, p: Floats, y: NDArray[np.int64], labels: tuple[str, ...]) -> tuple[str, Floats]:
    if labels == LEVELS:
        return "AUC of low", auc(draws, p[:, 0], y == 0, y != 0)
    if len(labels) == 2:
        return "AUC", auc(draws, p[:, 1], y == 1, y == 0)
    each = [auc(draws, p[:, n], y == n, y != n) for n in np.unique(y)]
    return "macro AUC", np.mean(each, axis=0)
