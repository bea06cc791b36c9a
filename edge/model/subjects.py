"""What a card may tell of whose faces a network has learned from: whether a group was among them, but of nobody alone.

A digest of a name can be found by whoever has a list of names. In this filter a stranger's name is
found with a chance of about one half: a class that was trained on is found whole, which strangers
hardly ever are; one pupil who is found may as well be a stranger. A name that is not found was not
trained on. The same people always give the same filter, so many cards tell no more than one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection
from math import comb

import msgspec

from edge.model.card import SubjectFilter, Training

__all__ = ["chance", "filter_of", "found", "mark", "travelling"]

_FALSE_RATE = 0.5


def mark(name: str) -> str:
    """A digest of a subject's name, for run folders only."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def filter_of(marks: Collection[str]) -> SubjectFilter:
    bits = max(2, round(len(marks) / -math.log(1 - _FALSE_RATE)))
    cells = {_cell(one, bits) for one in marks}
    return SubjectFilter(
        bits=bits, cells=f"{sum(1 << cell for cell in cells):x}", false_rate=round(len(cells) / bits, 4)
    )


def found(names: SubjectFilter, marks: Collection[str]) -> int:
    """How many of the marks are found, strangers among them."""
    cells = int(names.cells, 16)
    return sum(cells >> _cell(one, names.bits) & 1 for one in marks)


def chance(names: SubjectFilter, hits: int, of: int) -> float:
    """How likely it is that as many of so many strangers are found."""
    rate = names.false_rate
    return sum(comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(hits, of + 1))


def travelling(training: Training) -> Training:
    """As it may leave the run folder: every digest of a name has become part of a filter."""
    held = training.subject_filter or (filter_of(training.subject_marks) if training.subject_marks else None)
    ancestors = tuple(travelling(ancestor) for ancestor in training.ancestors)
    return msgspec.structs.replace(training, subject_marks=(), subject_filter=held, ancestors=ancestors)


def _cell(one: str, bits: int) -> int:
    return int(hashlib.sha256(f"edge-engage subject {one}".encode()).hexdigest(), 16) % bits
