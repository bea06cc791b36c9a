"""Too few labels, pictures or people: nothing is learned from them, and nothing can be shown on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edge.errors import Problem
from train.audit.result import Finding
from train.datasets.dataset import Dataset

__all__ = ["check_enough", "too_few"]

_PICTURES = 3
"""Of a label; fewer cannot even be told apart from each other."""


def check_enough(dataset: Dataset) -> None:
    """Refuse training samples from which a network could not learn every one of its labels."""
    counts = _counts(dataset)
    for label, count in zip(dataset.labels, counts, strict=True):
        if count < _PICTURES:
            raise Problem(
                f"{dataset.name} has {count or 'no'} pictures to train on that are labelled {label}; a label needs "
                f"{_PICTURES} at the very least. Add pictures of it, or join or leave out labels with --map."
            )
    if len(counts) < 2:
        raise Problem(f"All of {dataset.name} is labelled {dataset.labels[0]}: there is nothing to tell apart.")


def too_few(dataset: Dataset) -> Iterator[Finding]:
    """What of the same is worth a warning, split by split."""
    for split in sorted({sample.split for sample in dataset.samples}):
        part, where = dataset.only(split), f"split {split!r}" if split else "the data"
        for label, count in zip(dataset.labels, _counts(part), strict=True):
            if count == 0:
                yield Finding("warning", "empty label", f"No picture of {where} is labelled {label!r}.")
        subjects = {sample.group for sample in part.samples}
        if len(subjects) == 1 and "" not in subjects:
            text = f"All pictures of {where} show one subject: that says nothing of anybody else."
            yield Finding("warning", "one subject", text)


def _counts(dataset: Dataset) -> list[int]:
    return np.bincount([sample.label for sample in dataset.samples], minlength=len(dataset.labels)).tolist()
