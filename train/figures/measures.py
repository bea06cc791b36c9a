"""Everything that is measured of one classifier, each figure with its 95 % interval over subjects."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.names import LEVELS
from train.figures.by_subject import OfSubject, by_subject
from train.figures.calibration import bins, error
from train.figures.draws import Draws, Floats, draw, estimate
from train.figures.scores import auc, confusions, recall_precision_f1

__all__ = ["Figure", "Measures", "figure", "measure"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value: float
    low: float
    high: float


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    labels: tuple[str, ...]
    samples: int
    groups: int
    drawn_over: str
    """What the intervals are drawn over: subjects, or samples where no subject is named."""
    figures: tuple[Figure, ...]
    confusion: tuple[tuple[int, ...], ...]
    """True label down, predicted label across."""
    report: dict[str, dict[str, float]]
    """Precision, recall, F1 and support of each label."""
    calibration: tuple[tuple[float, float, int], ...]
    """For each bin of confidence: mean confidence, accuracy, samples."""
    by_subject: tuple[OfSubject, ...] = ()

    def __getitem__(self, name: str) -> Figure:
        for one in self.figures:
            if one.name == name:
                return one
        raise KeyError(name)


def measure(
    probabilities: NDArray[np.floating],
    y: NDArray[np.int64],
    groups: NDArray[np.str_],
    labels: tuple[str, ...],
    *,
    seed: int = 0,
) -> Measures:
    """`y` holds label numbers; a group "" is a sample of its own."""
    if not len(y):
        raise Problem("There is no sample to measure on.")
    draws = draw(groups, seed=seed)
    p = probabilities.astype(float)
    predicted = p.argmax(axis=1)
    confusion = confusions(draws, y, predicted, len(labels))
    sure = bins(draws, p, y == predicted)
    figures = {**_by_confusion(confusion, labels), **_by_order(draws, p, y, labels), "calibration error": error(sure)}
    return Measures(
        labels=labels,
        samples=len(y),
        groups=draws.times.shape[1],
        drawn_over="subjects" if (groups != "").any() else "samples",
        figures=tuple(figure(name, values) for name, values in figures.items()),
        confusion=tuple(tuple(int(n) for n in row) for row in confusion[0]),
        report=_report(confusion[0], labels),
        calibration=tuple((float(c / max(n, 1)), float(a / max(n, 1)), int(n)) for n, c, a in sure[0]),
        by_subject=by_subject(predicted, y, groups, labels),
    )


def figure(name: str, values: Floats) -> Figure:
    """From a figure's value in every draw; the first is the figure itself."""
    found = estimate(values)
    return Figure(name=name, value=found.value, low=found.low, high=found.high)


def _by_confusion(confusion: Floats, labels: tuple[str, ...]) -> dict[str, Floats]:
    recall, _, f1 = recall_precision_f1(confusion)
    true = confusion.sum(axis=-1)
    total = true.sum(axis=-1)
    mean_f1 = f1[:, 1] if len(labels) == 2 else np.nansum(f1 * true, axis=-1) / total
    with np.errstate(invalid="ignore"):
        return {
            "accuracy": np.trace(confusion, axis1=-2, axis2=-1) / total,
            f"F1 of {labels[1]}" if len(labels) == 2 else "weighted F1": mean_f1,
            "macro-F1": np.nanmean(f1, axis=-1),
            "balanced accuracy": np.nanmean(recall, axis=-1),
            **{f"recall of {label}": recall[:, n] for n, label in enumerate(labels)},
        }


def _by_order(draws: Draws, p: Floats, y: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, Floats]:
    if len(labels) == 2:
        return {"AUC": auc(draws, p[:, 1], y == 1, y == 0)}
    one_against_rest = {f"AUC of {label}": auc(draws, p[:, n], y == n, y != n) for n, label in enumerate(labels)}
    known = [values for values in one_against_rest.values() if np.isfinite(values[0])]
    mean = {"macro AUC": np.mean(known, axis=0)} if known else {}
    pairs = {}
    if labels == LEVELS:
        pairs = {"AUC of high against mid": auc(draws, p[:, 2] - p[:, 1], y == 2, y == 1)}
    return {**mean, **one_against_rest, **pairs}


def _report(confusion: Floats, labels: tuple[str, ...]) -> dict[str, dict[str, float]]:
    recall, precision, f1 = recall_precision_f1(confusion)
    return {
        label: {
            "precision": float(precision[n]),
            "recall": float(np.nan_to_num(recall[n])),
            "f1": float(np.nan_to_num(f1[n])),
            "support": float(confusion[n].sum()),
        }
        for n, label in enumerate(labels)
    }
