"""Known faces side by side in one picture, so that a single look finds as many of them again as fit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.boxes import inside
from edge.vision.detector import Detector
from edge.vision.window import Window, cut, to_frame

__all__ = ["find_again", "room_for"]

_SHOWN_AT = 31  # picture pixels; every face is shown so large, small ones no larger than a sweep shows them
_EDGE = 2  # picture pixels; a box that ends so near its patch's edge was cut, or lies on a seam


def room_for(detector: Detector) -> int:
    """How many faces one look finds again."""
    return detector.patches**2


def find_again(
    detector: Detector, image: NDArray[np.uint8], boxes: Sequence[NDArray[np.float32]], finest: float, least: float
) -> list[Faces]:
    """Look where faces must be, `room_for` of them at most. What each patch shows, in frame pixels.

    `finest` is the smallest step that a frame's pixels are worth.
    """
    side = min(detector.picture) // detector.patches
    picture = np.zeros((*detector.picture, 3), np.uint8)
    places: list[tuple[int, int, Window]] = []
    for number, box in enumerate(boxes):
        step = max(finest, float(box[2:].max()) / _SHOWN_AT)
        left, top = (box[:2] + box[2:] / 2 - step * side / 2).tolist()
        row, column = divmod(number, detector.patches)
        place = (column * side, row * side, Window(left, top, step))
        picture[place[1] : place[1] + side, place[0] : place[0] + side] = cut(image, place[2], (side, side))
        places.append(place)
    seen = detector.find(picture, least)
    return [_patch(seen, x, y, side, window) for x, y, window in places]


def _patch(seen: Faces, x: int, y: int, side: int, window: Window) -> Faces:
    here = seen.take(inside(seen.boxes, (x + _EDGE, y + _EDGE, x + side - _EDGE, y + side - _EDGE)))
    corner = np.array([x, y], np.float32)
    boxes = np.concatenate([here.boxes[:, :2] - corner, here.boxes[:, 2:]], axis=1)
    return to_frame(Faces(boxes, here.scores, here.keypoints - corner, here.tracks), window)
