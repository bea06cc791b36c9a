"""A tile of the frame: the picture a detector is given, and the way back to frame pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces

__all__ = ["Tile", "cut", "to_frame", "whole"]


@dataclass(frozen=True, slots=True)
class Tile:
    """Picture pixel (u, v) is frame pixel (left + step * u, top + step * v)."""

    left: float
    top: float
    step: float
    """Frame pixels a picture pixel; below 1 the frame is enlarged."""


def whole(frame: tuple[int, int], picture: tuple[int, int]) -> Tile:
    """The whole frame, centred, its shape kept: MediaPipe's letterbox. Sizes are height, width."""
    step = max(frame[0] / picture[0], frame[1] / picture[1])
    return Tile((frame[1] - picture[1] * step) / 2, (frame[0] - picture[0] * step) / 2, step)


def cut(image: NDArray[np.uint8], tile: Tile, picture: tuple[int, int]) -> NDArray[np.uint8]:
    """What the tile shows, black outside the frame. One call on the frame, or no copy at all."""
    height, width = picture
    left, top = tile.left, tile.top
    fits = 0 <= left <= image.shape[1] - width and 0 <= top <= image.shape[0] - height
    if tile.step == 1 and fits and left == int(left) and top == int(top):
        return image[int(top) : int(top) + height, int(left) : int(left) + width]
    matrix = np.array([[tile.step, 0, left], [0, tile.step, top]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT).astype(
        np.uint8, copy=False
    )


def to_frame(faces: Faces, tile: Tile) -> Faces:
    """Faces in picture pixels to frame pixels."""
    origin = np.array([tile.left, tile.top], np.float32)
    step = np.float32(tile.step)
    boxes = np.concatenate([faces.boxes[:, :2] * step + origin, faces.boxes[:, 2:] * step], axis=1)
    return Faces(boxes, faces.scores, faces.keypoints * step + origin, faces.tracks)
