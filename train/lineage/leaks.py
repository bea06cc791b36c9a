"""Whether a network has seen these people or pictures: itself, or anything that it learned from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edge.model.card import Training
from edge.model.subjects import chance, found
from train.datasets.dataset import Dataset
from train.lineage.heritage import Heritage, prints_of

__all__ = ["leaks", "learned_from", "seen_before"]

_NEAR = 4
"""Bits by which two prints of one picture may differ. In FER-2013, 420 of the 425 pictures of PublicTest this near to
one of Training are its twin by the audit's own, sharper rule, which finds 542."""
_FEW = 0.005
"""Strangers now and then look so alike; a larger share of pictures than this is a leak."""
_UNLIKELY = 0.02
_BLOCK = 256


def leaks(heritage: Heritage, dataset: Dataset, *, split: str, name: str = "the network") -> list[str]:
    """What a reader must know before believing a figure; a sentence with LEAKY in it says not to."""
    notes: list[str] = []
    for number, generation in enumerate(heritage.generations):
        who = name if number == 0 else f"what {name} learned from before ({generation.data})"
        notes += [*_by_subject(generation, dataset, who), *_by_data(generation, dataset, split, who)]
    if not notes and dataset.marks() and any(_names_subjects(one) for one in heritage.generations):
        count = len(dataset.marks())
        notes.append(f"none of these {count} subjects bears the name of one {name} was trained on")
    if not any("LEAKY" in note for note in notes) and len(heritage.prints):
        notes += _by_print(heritage, dataset, name)
    return notes


def learned_from(training: Training, name: str) -> bool:
    """Whether a data set of this very name was learned from."""
    if training.datasets:
        return name in training.datasets
    # Older records hold a sentence only: the name as a whole word of it.
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", training.data) is not None


def seen_before(prints: NDArray[np.uint64], dataset: Dataset) -> int:
    """How many pictures of a data set are near-identical to one with such a print."""
    known = _signs(prints)
    sides = [_signs(side) for side in prints_of(dataset)]
    least = known.shape[1] - 2 * _NEAR
    near = [
        (block @ known.T).max(axis=1) >= least
        for side in sides
        for block in (side[start : start + _BLOCK] for start in range(0, len(side), _BLOCK))
    ]
    straight, mirrored = np.split(np.concatenate(near), 2)
    return int((straight | mirrored).sum())


def _by_subject(training: Training, dataset: Dataset, who: str) -> Iterator[str]:
    marks = set(dataset.marks())
    known = marks.intersection(training.subject_marks)
    if known:
        yield f"LEAKY: {who} was trained on {len(known)} of these {len(marks)} subjects, by their names"
    names = training.subject_filter
    if training.subject_marks or names is None or not marks:
        return
    hits, strangers = found(names, marks), f"about {names.false_rate * len(marks):.0f} of as many strangers"
    if hits and chance(names, hits, len(marks)) < _UNLIKELY:
        yield f"LEAKY: {who} was trained on these subjects: its card finds {hits} of {len(marks)} names, {strangers}"
    elif hits:
        yield (
            f"a card cannot tell whether {who} was trained on some of these {len(marks)} subjects: it finds {hits} "
            f"names, {strangers}; a run folder knows"
        )


def _by_data(training: Training, dataset: Dataset, split: str, who: str) -> Iterator[str]:
    if not learned_from(training, dataset.name):
        return
    # Where both name their subjects, these decide: strangers from the same data set are strangers.
    if not (dataset.marks() and _names_subjects(training)) and (split in {"train", ""} or training.split != "train"):
        yield f"LEAKY: {who} was trained on this data set, and no split keeps it apart"
    if split == "validation":
        yield f"{who} was selected on this split"


def _by_print(heritage: Heritage, dataset: Dataset, name: str) -> Iterator[str]:
    again = seen_before(heritage.prints, dataset)
    if again:
        leaky = "LEAKY: " if again > _FEW * len(dataset) else ""
        yield (
            f"{leaky}{again} of {len(dataset)} pictures are near-identical to ones that {name}, or what it learned "
            "from before, was trained on"
        )


def _names_subjects(training: Training) -> bool:
    return bool(training.subject_marks) or training.subject_filter is not None


def _signs(prints: NDArray[np.uint64]) -> NDArray[np.float32]:
    bits = prints[:, None] >> np.arange(63, dtype=np.uint64) & np.uint64(1)
    return np.where(bits > 0, 1, -1).astype(np.float32)
