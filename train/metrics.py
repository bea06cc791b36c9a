"""Figures of a classifier, each with a 95 % interval from drawing whole subjects again and again.

Pictures of one face are not independent: an interval over pictures would be several times too
narrow. A draw only gives each subject a count, so every figure is computed for all draws at once
from sums by subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.names import LEVELS

__all__ = ["Figure", "Measures", "measure"]

_DRAWS = 1000
_BINS = 15
_CHUNK = 1 << 24

Floats = NDArray[np.float64]


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

    def __getitem__(self, name: str) -> Figure:
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The first row of `times` counts every subject once: the figure itself. The others are the draws."""

    probabilities: Floats
    y: NDArray[np.int64]
    members: NDArray[np.int64]
    times: Floats

    def sums(self, values: Floats) -> Floats:
        """Draws x ...: the values of all samples, summed by subject, then by draw."""
        by_subject = np.zeros((self.times.shape[1], *values.shape[1:]))
        np.add.at(by_subject, self.members, values)
        return np.tensordot(self.times, by_subject, axes=1)


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
    named = bool((groups != "").any())
    alone = np.array([group or f"\0{n}" for n, group in enumerate(groups.tolist())])
    members = np.unique(alone, return_inverse=True)[1].astype(np.int64)
    count = int(members.max()) + 1
    draw = np.random.default_rng(seed)
    times = np.ones((1 + _DRAWS, count))
    for row in times[1:]:
        row[:] = np.bincount(draw.integers(0, count, count), minlength=count)
    drawn = _Drawn(probabilities.astype(float), y, members, times)
    predicted = drawn.probabilities.argmax(axis=1)
    cells = np.zeros((len(y), len(labels), len(labels)))
    cells[np.arange(len(y)), y, predicted] = 1
    confusion = drawn.sums(cells)
    bins = _calibration(drawn, predicted)
    figures = {**_by_confusion(confusion, labels), **_by_order(drawn, labels), "calibration error": _error(bins)}
    return Measures(
        labels=labels,
        samples=len(y),
        groups=count,
        drawn_over="subjects" if named else "samples",
        figures=tuple(_figure(name, values) for name, values in figures.items()),
        confusion=tuple(tuple(int(n) for n in row) for row in confusion[0]),
        report=_report(confusion[0], labels),
        calibration=tuple((float(c / max(n, 1)), float(a / max(n, 1)), int(n)) for n, c, a in bins[0]),
    )


def _figure(name: str, values: Floats) -> Figure:
    # A draw without a single sample of a label has no recall of it.
    known = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
    return Figure(name=name, value=float(values[0]), low=float(low), high=float(high))


def _parts(confusion: Floats) -> tuple[Floats, Floats, Floats]:
    """Recall, precision and F1 of each label; NaN where a label does not occur."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, guessed = confusion.sum(axis=-1), confusion.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(true > 0, hits / true, np.nan)
        precision = np.where(guessed > 0, hits / guessed, 0)
        f1 = np.where(true > 0, 2 * hits / (true + guessed), np.nan)
    return recall, precision, f1


def _by_confusion(confusion: Floats, labels: tuple[str, ...]) -> dict[str, Floats]:
    recall, _, f1 = _parts(confusion)
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


def _by_order(drawn: _Drawn, labels: tuple[str, ...]) -> dict[str, Floats]:
    p, y = drawn.probabilities, drawn.y
    if len(labels) == 2:
        return {"AUC": _auc(drawn, p[:, 1], y == 1, y == 0)}
    one_against_rest = {f"AUC of {label}": _auc(drawn, p[:, n], y == n, y != n) for n, label in enumerate(labels)}
    known = [values for values in one_against_rest.values() if np.isfinite(values[0])]
    mean = {"macro AUC": np.mean(known, axis=0)} if known else {}
    pairs = {}
    if labels == LEVELS:
        ratio = p[:, 2] - p[:, 1]
        pairs = {"AUC of high against mid": _auc(drawn, ratio, y == 2, y == 1)}
    return {**mean, **one_against_rest, **pairs}


def _auc(drawn: _Drawn, score: Floats, positive: NDArray[np.bool_], negative: NDArray[np.bool_]) -> Floats:
    """How often a positive scores above a negative; ties count half."""
    taken = positive | negative
    if not positive.any() or not negative.any():
        return np.full(len(drawn.times), np.nan)
    place = np.unique(score[taken], return_inverse=True)[1]
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    members, is_positive = drawn.members[taken][order], positive[taken][order]
    found: list[Floats] = []
    for times in _chunks(drawn.times, len(order)):
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


def _calibration(drawn: _Drawn, predicted: NDArray[np.int64]) -> Floats:
    """Draws x bins x (samples, sum of confidence, hits)."""
    confidence = drawn.probabilities.max(axis=1)
    at = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    values = np.zeros((len(drawn.y), _BINS, 3))
    values[np.arange(len(at)), at] = np.column_stack([np.ones(len(at)), confidence, predicted == drawn.y])
    return drawn.sums(values)


def _error(bins: Floats) -> Floats:
    return np.abs(bins[..., 1] - bins[..., 2]).sum(axis=-1) / bins[..., 0].sum(axis=-1)


def _report(confusion: Floats, labels: tuple[str, ...]) -> dict[str, dict[str, float]]:
    recall, precision, f1 = _parts(confusion)
    return {
        label: {
            "precision": float(precision[n]),
            "recall": float(np.nan_to_num(recall[n])),
            "f1": float(np.nan_to_num(f1[n])),
            "support": float(confusion[n].sum()),
        }
        for n, label in enumerate(labels)
    }
