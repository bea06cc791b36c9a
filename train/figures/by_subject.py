"""How well a network does on each person: a mean over all hides whom it fails."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from train.figures.scores import recall_precision_f1

__all__ = ["OfSubject", "by_subject"]


class OfSubject(msgspec.Struct, frozen=True, kw_only=True):
    """One person's figures; their name stays in the run folder, and no card holds it."""

    subject: str
    samples: int
    accuracy: float
    macro_f1: float
    """Over the labels this person shows."""
    recall: dict[str, float | None]
    """By label; None for a label they never show."""


def by_subject(
    predicted: NDArray[np.int64], y: NDArray[np.int64], groups: NDArray[np.str_], labels: tuple[str, ...]
) -> tuple[OfSubject, ...]:
    """The weakest first; nobody where no subject is named."""
    found = [_of(str(name), predicted[groups == name], y[groups == name], labels) for name in np.unique(groups) if name]
    return tuple(sorted(found, key=lambda one: (one.accuracy, one.subject)))


def _of(name: str, predicted: NDArray[np.int64], y: NDArray[np.int64], labels: tuple[str, ...]) -> OfSubject:
    confusion = np.zeros((len(labels), len(labels)))
    np.add.at(confusion, (y, predicted), 1)
    recall, _, f1 = recall_precision_f1(confusion)
    return OfSubject(
        subject=name,
        samples=len(y),
        accuracy=float((predicted == y).mean()),
        macro_f1=float(np.nanmean(f1)),
        recall={label: None if np.isnan(share) else float(share) for label, share in zip(labels, recall, strict=True)},
    )
