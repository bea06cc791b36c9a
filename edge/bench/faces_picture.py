"""The result of `bench --faces` as a picture: a bar of recall for each height."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bench.matching import Result

__all__ = ["draw"]

_WIDTH, _HEIGHT = 820, 460
_LEFT, _TOP, _BOTTOM = 70, 100, 390
_BAR, _GAP = 90, 50
_INK, _PALE, _BLUE = (40, 40, 40), (225, 225, 225), (170, 110, 40)


def draw(result: Result) -> NDArray[np.uint8]:
    page = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    _write(page, f"Recall {result.recall:.3f} at precision {result.precision:.3f}", (_LEFT, 40), 0.8)
    _write(
        page,
        f"{result.faces} faces of {result.smallest_face} px and more, {result.pictures} pictures, "
        f"IoU {result.iou}, {result.milliseconds:.0f} ms a picture",
        (_LEFT, 68),
        0.5,
    )
    for share in (0, 0.25, 0.5, 0.75, 1):
        level = _level(share)
        cv2.line(page, (_LEFT, level), (_WIDTH - 30, level), _PALE, 1)
        _write(page, f"{share:.2f}", (20, level + 5), 0.45)
    for number, part in enumerate(result.by_height):
        left = _LEFT + 20 + number * (_BAR + _GAP)
        if part.recall is not None:
            cv2.rectangle(page, (left, _level(part.recall)), (left + _BAR, _BOTTOM), _BLUE, cv2.FILLED)
            _write(page, f"{part.recall:.2f}", (left + 28, _level(part.recall) - 8), 0.5)
        _write(page, f"{part.height} px", (left, _BOTTOM + 22), 0.45)
        _write(page, f"{part.faces} faces", (left, _BOTTOM + 42), 0.45)
    return page


def _level(share: float) -> int:
    return round(_BOTTOM - share * (_BOTTOM - _TOP))


def _write(page: NDArray[np.uint8], text: str, at: tuple[int, int], size: float) -> None:
    cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, _INK, 1, cv2.LINE_AA)
