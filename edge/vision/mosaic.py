"""Known faces side by side in one picture, so that a single look finds as many of them again as fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.detector import Detector
from edge.vision.tile import Tile, cut

__all__ = ["find_again", "room_for"]

_SHOWN_AT = 31  # picture pixels; every face is shown so large, small ones no larger than a sweep shows them
_EDGE = 2  # picture pixels; a box that ends so near its patch's edge was cut, or lies on a seam


def room_for(detector: Detector) -> int:
    """How many faces one look finds again."""
    return detector.patches**2


def find_again(
    detector: Detector, image: NDArray[np.uint8], boxes: NDArray[np.float32], finest: float, least: float
) -> Faces:
    """Look where faces must be, `room_for` of them at most. What is seen there, in frame pixels.

    `finest` is the smallest step that a frame's pixels are worth.
    """
    across = detector.patches
    side = min(detector.picture) // across
    steps = np.maximum(boxes[:, 2:].max(axis=1) / _SHOWN_AT, finest).astype(np.float32)
    origins = boxes[:, :2] + boxes[:, 2:] / 2 - steps[:, None] * side / 2
    numbers = np.arange(len(boxes))
    corners = np.stack([numbers % across, numbers // across], axis=1) * side
    picture = np.zeros((*detector.picture, 3), np.uint8)
    for (x, y), (left, top), step in zip(corners.tolist(), origins.tolist(), steps.tolist(), strict=True):
        picture[y : y + side, x : x + side] = cut(image, Tile(left, top, step), (side, side))
    seen = detector.find(picture, least)
    columns, rows = (seen.boxes[:, :2] + seen.boxes[:, 2:] / 2).T // side
    used = (np.minimum(columns, rows) >= 0) & (columns < across) & (rows * across + columns < len(boxes))
    seen, patch = seen.take(used), (rows * across + columns)[used].astype(int)
    start = seen.boxes[:, :2] - corners[patch]
    whole = np.flatnonzero(((start >= _EDGE) & (start + seen.boxes[:, 2:] <= side - _EDGE)).all(axis=1))
    patch = patch[whole]
    return _in_frame(seen.take(whole), corners[patch], origins[patch], steps[patch])


def _in_frame(
    seen: Faces, corners: NDArray[np.int64], origins: NDArray[np.float32], steps: NDArray[np.float32]
) -> Faces:
    places = (seen.boxes[:, :2] - corners) * steps[:, None] + origins
    boxes = np.concatenate([places, seen.boxes[:, 2:] * steps[:, None]], axis=1).astype(np.float32)
    keypoints = (seen.keypoints - corners[:, None]) * steps[:, None, None] + origins[:, None]
    return Faces(boxes, seen.scores, keypoints.astype(np.float32), seen.tracks)
