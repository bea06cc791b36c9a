"""Which tiles a detector must look through so that no face of the frame is missed, near or far."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.vision.tile import Tile, whole

__all__ = ["Level", "levels"]

_RATIO = 3.0
"""From one level to the next coarser one. A detector is at home with faces over a wider range of sizes than this."""


@dataclass(frozen=True, slots=True)
class Level:
    """One size of tiles, laid over the whole frame."""

    tiles: tuple[Tile, ...]
    step: float


def levels(frame: tuple[int, int], picture: tuple[int, int], *, finest: float, overlap: int) -> tuple[Level, ...]:
    """Levels from the finest step to the whole frame.

    Neighbouring tiles share `overlap` picture pixels, so a face up to that size is whole in one of them;
    larger ones are whole in the next level. Sizes are height, width.
    """
    last = whole(frame, picture)
    step = finest
    found: list[Level] = []
    while step < last.step:
        lefts = _places(frame[1] / step, picture[1], overlap)
        tops = _places(frame[0] / step, picture[0], overlap)
        found.append(Level(tuple(Tile(x * step, y * step, step) for y in tops for x in lefts), step))
        step *= _RATIO
    found.append(Level((last,), last.step))
    return tuple(found)


def _places(length: float, side: int, overlap: int) -> list[float]:
    """Evenly spread starts of stretches of `side` that cover `length`, or one centred on a shorter length."""
    if length <= side:
        return [(length - side) / 2]
    count = math.ceil((length - overlap) / (side - overlap))
    gap = (length - side) / (count - 1)
    return [i * gap for i in range(count)]
