"""What published data sets call their labels and splits, and what we call them."""

from __future__ import annotations

from collections.abc import Iterable

from edge.errors import Problem
from edge.model.levels import LEVELS, Levels
from train.datasets.dataset import Split

__all__ = ["BINARY", "EXPRESSIONS", "LEVELS", "is_split", "ordered", "split_name", "splits_in_order", "usual_levels"]

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
BINARY = ("disengaged", "engaged")

_SPLITS = {
    "": "",
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "publictest": "validation",
    "test": "test",
    "testing": "test",
    "privatetest": "test",
}


def split_name(text: str, where: str = "the command line") -> Split:
    """Our name of a split, from ours or a published one."""
    try:
        return _SPLITS[text.strip().lower()]
    except KeyError:
        raise Problem(
            f"{text!r} in {where} is no split. Use train, validation or test "
            "(Training, PublicTest and PrivateTest mean the same)."
        ) from None


def is_split(text: str) -> bool:
    return text.strip().lower() in _SPLITS


def splits_in_order(splits: Iterable[Split]) -> list[Split]:
    """As they are used: train, validation, test, then what has none."""
    order = ("train", "validation", "test", "")
    return sorted(set(splits), key=order.index)


def ordered(labels: set[str]) -> tuple[str, ...]:
    """Labels in their natural order where they have one, else by name."""
    for known in (EXPRESSIONS, LEVELS, BINARY):
        if labels <= set(known):
            return known
    return tuple(sorted(labels, key=lambda label: (not label.isdigit(), label.zfill(9) if label.isdigit() else label)))


def usual_levels(labels: tuple[str, ...]) -> Levels:
    """What our own labels mean for the device's record; nothing where only a person can say it."""
    if set(labels) == set(LEVELS):
        return {level: (level,) for level in LEVELS}
    return {"low": ("disengaged",), "high": ("engaged",)} if set(labels) == set(BINARY) else {}
