"""Where the picture changed since it was last looked at, told from a small grey copy of the frame."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Motion"]

_WIDTH = 320  # of the small copy
_CHANGE = 14  # grey levels, after averaging over 3 x 3 small pixels; camera noise stays well below
_EVERY = 0.19  # seconds between copies


class Motion:
    def __init__(self, areas: NDArray[np.float32], frame: tuple[int, int]) -> None:
        scale = min(1.0, _WIDTH / max(frame))
        self._size = (max(1, round(frame[1] * scale)), max(1, round(frame[0] * scale)))
        self._parts = [_part(area * scale, self._size) for area in areas]
        self._known: list[NDArray[np.uint8] | None] = [None] * len(areas)
        self._copy = np.zeros(self._size[::-1], np.uint8)
        self._copied = -math.inf
        self._moving = np.ones(len(areas), bool)

    def changed(self, image: NDArray[np.uint8], now: float) -> NDArray[np.bool_]:
        """Which areas differ from what was remembered of them, by the latest copy."""
        if now - self._copied >= _EVERY:
            self._copied = now
            # In two steps, which gives nearly the same mean over the area for a third of the time.
            twice = cv2.resize(image, (2 * self._size[0], 2 * self._size[1]), interpolation=cv2.INTER_LINEAR)
            small = cv2.resize(twice, self._size, interpolation=cv2.INTER_AREA)
            self._copy = np.asarray(cv2.blur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3)), np.uint8)
            pairs = zip(self._parts, self._known, strict=True)
            self._moving = np.array([_differ(self._copy[part], known) for part, known in pairs], bool)
        return self._moving

    def remember(self, areas: NDArray[np.intp]) -> None:
        """These areas were just looked at. The copy may be a little older: what changed since then shows later."""
        for index in areas:
            self._known[index] = self._copy[self._parts[index]]
        self._moving[areas] = False


def _differ(now: NDArray[np.uint8], known: NDArray[np.uint8] | None) -> bool:
    return known is None or float(cv2.norm(now, known, cv2.NORM_INF)) > _CHANGE


def _part(area: NDArray[np.float32], size: tuple[int, int]) -> tuple[slice, slice]:
    left, top, width, height = (float(x) for x in area)
    columns = slice(max(0, math.floor(left)), max(1, min(size[0], math.ceil(left + width))))
    rows = slice(max(0, math.floor(top)), max(1, min(size[1], math.ceil(top + height))))
    return rows, columns
