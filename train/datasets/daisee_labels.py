"""DAiSEE's four ratings of a clip (0 to 3 each), and the labels and the subset that studies make of them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from edge.errors import Problem
from train.datasets.names import BINARY

__all__ = ["SCHEMES", "Ratings", "Scheme", "label_of", "names", "subset"]

Scheme = Literal["binary", "levels", "three"]
SCHEMES: tuple[Scheme, ...] = ("binary", "levels", "three")
_NAMES = {
    "binary": BINARY,
    "levels": ("very low", "low", "high", "very high"),
    "three": ("engaged", "bored", "other"),
}


@dataclass(frozen=True, slots=True)
class Ratings:
    boredom: int
    engagement: int
    confusion: int
    frustration: int

    @property
    def engaged(self) -> bool:
        return self.engagement >= 2


def names(scheme: str) -> tuple[str, ...]:
    if scheme not in _NAMES:
        raise Problem(f"{scheme!r} is no way to label DAiSEE; choose from {', '.join(SCHEMES)}.")
    return _NAMES[scheme]


def label_of(ratings: Ratings, scheme: str) -> int | None:
    """The clip's label; None where three or four ratings tie and nothing sets the clip apart.

    "three" takes the strongest rating. Boredom and engagement tied: the binary label decides.
    A tie of two with confusion or frustration in it: other.
    """
    if scheme == "binary":
        return int(ratings.engaged)
    if scheme == "levels":
        return ratings.engagement
    all_four = (ratings.engagement, ratings.boredom, ratings.confusion, ratings.frustration)
    strongest = [place for place, rating in enumerate(all_four) if rating == max(all_four)]
    if len(strongest) > 2:
        return None
    if strongest == [0, 1]:
        return 0 if ratings.engaged else 1
    return min(strongest[-1], 2)


def subset(
    clips: Sequence[tuple[str, str, Ratings]], *, per_minority: int = 3, per_person: int = 15, seed: int = 0
) -> list[int]:
    """Which of the clips (split, subject, ratings) the stratified subset keeps, in order.

    In each split every disengaged clip stays; engaged ones are drawn, at most `per_minority` for
    each disengaged one, and none beyond `per_person` clips of one person.
    """
    draw = random.Random(seed)
    kept: list[int] = []
    for split in sorted({split for split, _, _ in clips}):
        rows = [row for row, clip in enumerate(clips) if clip[0] == split]
        minority = [row for row in rows if not clips[row][2].engaged]
        majority = _capped(
            [row for row in rows if clips[row][2].engaged], minority, lambda row: clips[row][1], per_person, draw
        )
        draw.shuffle(majority)
        kept += minority + majority[: per_minority * len(minority)]
    return sorted(kept)


def _capped(
    rows: list[int], taken: list[int], person: Callable[[int], str], per_person: int, draw: random.Random
) -> list[int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for row in taken:
        counts[person(row)] += 1
    kept: list[int] = []
    for row in draw.sample(rows, len(rows)):
        if counts[person(row)] < per_person:
            counts[person(row)] += 1
            kept.append(row)
    return kept
