"""Which of a network's labels mean low, mid and high engagement: by their names, never by their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model.card import Level, Output

__all__ = ["LEVELS", "Levels", "level_matrix", "levels_of", "read_levels"]

Levels = Mapping[Level, tuple[str, ...]]
LEVELS: tuple[Level, ...] = ("low", "mid", "high")

_EXAMPLE = "--levels low=bored mid=listening high=engaged"


def levels_of(output: Output, where: str) -> Levels:
    """As the card says it. A card that does not is understood only where the labels are low, mid and high themselves.

    Several labels may share a level; a network of two leaves mid empty.
    """
    if output.levels:
        return checked(output.levels, output.labels, where)
    if set(output.labels) == set(LEVELS):
        return {level: (level,) for level in LEVELS}
    raise Problem(
        f"{where} does not say which of its labels ({', '.join(output.labels)}) mean low, mid and high engagement. "
        f"Say it by their names: `convert quantize` and `convert bundle` take {_EXAMPLE}."
    )


def level_matrix(output: Output, where: str) -> NDArray[np.float32]:
    """Labels x 3. Shares of the labels times this are shares of low, mid and high."""
    levels = levels_of(output, where)
    return np.array([[label in levels.get(level, ()) for level in LEVELS] for label in output.labels], np.float32)


def read_levels(words: Sequence[str], labels: Sequence[str]) -> Levels:
    """From `low=bored mid=ok high=engaged`, or the same with commas; a level may be named again for another label."""
    found: dict[Level, tuple[str, ...]] = {}
    for word in (part for text in words for part in _parts(text, labels)):
        level, _, label = word.partition("=")
        if level not in LEVELS or not label:
            raise Problem(f"--levels {word!r} is not of the form LEVEL=LABEL, such as {_EXAMPLE}.")
        found[level] = (*found.get(level, ()), label)
    return checked(found, labels, "--levels")


def checked(levels: Levels, labels: Sequence[str], where: str) -> Levels:
    """Every label has one level, and low and high have a label; else the shares would not add up to a class."""
    named = [label for level in LEVELS for label in levels.get(level, ())]
    for label in named:
        if label not in labels:
            raise Problem(f"{where} names {label!r}, which is no label; the labels are {', '.join(labels)}.")
        if named.count(label) > 1:
            raise Problem(f"{where} gives {label!r} two levels. Give each label one.")
    left = [label for label in labels if label not in named]
    if left:
        raise Problem(f"{where} gives {', '.join(left)} no level. Every label must be one of low, mid and high.")
    for level in ("low", "high"):
        if not levels.get(level):
            raise Problem(f"{where} gives no label the level {level}. Only mid may be empty.")
    return levels


def _parts(text: str, labels: Sequence[str]) -> list[str]:
    """A label may hold a comma itself."""
    return [text] if text.partition("=")[2] in labels else text.split(",")
