"""Arithmetic on boxes: rows of x, y, width, height."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["inner", "inside", "intersections", "overlaps", "parts", "strongest"]

Boxes = NDArray[np.float32]

_LARGER, _AS_SURE, _INSIDE = 2.0, 0.8, 0.6


def intersections(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """The area that each of `a` shares with each of `b`."""
    left_top = np.maximum(a[:, None, :2], b[None, :, :2])
    right_bottom = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    return np.clip(right_bottom - left_top, 0, None).prod(axis=2)


def overlaps(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """Intersection over union of each of `a` with each of `b`."""
    shared = intersections(a, b)
    union = a[:, 2:].prod(axis=1)[:, None] + b[:, 2:].prod(axis=1)[None, :] - shared
    return shared / np.maximum(union, 1e-6)


def inner(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """The share of each of `a` that lies in each of `b`."""
    return intersections(a, b) / np.maximum(a[:, 2:].prod(axis=1)[:, None], 1e-6)


def parts(boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes are but a part of a face: they lie in a much larger box that is about as sure."""
    areas = boxes[:, 2:].prod(axis=1)
    larger = areas[None, :] > _LARGER * areas[:, None]
    as_sure = scores[None, :] >= _AS_SURE * scores[:, None]
    return (larger & as_sure & (inner(boxes, boxes) >= _INSIDE)).any(axis=1)


def inside(boxes: Boxes, outer: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which boxes lie wholly within left, top, right, bottom."""
    left, top, right, bottom = outer
    ends = boxes[:, :2] + boxes[:, 2:]
    return (boxes[:, 0] >= left) & (boxes[:, 1] >= top) & (ends[:, 0] <= right) & (ends[:, 1] <= bottom)


def strongest(boxes: Boxes, scores: NDArray[np.float32], most: float) -> NDArray[np.intp]:
    """Rows left, best first, after each box has removed the weaker ones that overlap it by more than `most`."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order):
        best, rest = order[:1], order[1:]
        kept.append(int(best[0]))
        order = rest[overlaps(boxes[best], boxes[rest])[0] <= most]
    return np.array(kept, np.intp)
