"""Where the picture changed since it was last looked at, told from a small grey copy of the frame."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Motion"]

_WIDTH = 320  # of the small copy
_CHANGE = 14  # grey levels, after averaging over 3 x 3 small pixels; camera noise stays well below


class Motion:
    def __init__(self, areas: NDArray[np.float32], frame: tuple[int, int]) -> None:
        scale = min(1.0, _WIDTH / max(frame))
        self._size = (max(1, round(frame[1] * scale)), max(1, round(frame[0] * scale)))
        self._parts = [_part(area * scale, self._size) for area in areas]
        self._known: list[NDArray[np.uint8] | None] = [None] * len(areas)
        self._now = np.zeros(self._size[::-1], np.uint8)

    def changed(self, image: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which areas differ from what was remembered of them."""
        small = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        self._now = np.asarray(cv2.blur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3)), np.uint8)
        return np.array(
            [
                known is None or float(cv2.norm(self._now[part], known, cv2.NORM_INF)) > _CHANGE
                for part, known in zip(self._parts, self._known, strict=True)
            ],
            bool,
        )

    def remember(self, areas: NDArray[np.intp]) -> None:
        for index in areas:
            self._known[index] = self._now[self._parts[index]].copy()


def _part(area: NDArray[np.float32], size: tuple[int, int]) -> tuple[slice, slice]:
    left, top, width, height = (float(x) for x in area)
    columns = slice(max(0, math.floor(left)), max(1, min(size[0], math.ceil(left + width))))
    rows = slice(max(0, math.floor(top)), max(1, min(size[1], math.ceil(top + height))))
    return rows, columns
