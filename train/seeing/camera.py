"""A face as a camera sees it: far away, in poor light, through a lens, a sensor and a codec.

A data set's face fills its picture; that of a pupil in the back row covers twenty pixels of the camera's.
So a face is shrunk to what it would cover there, set into a larger picture that goes on where the face's
ends, treated as light, lens, sensor and codec would, and cut out and enlarged by the device's own crop:

    as_seen(crops, CONDITIONS["24 px"], rng)        one named condition for all faces
    as_seen(crops, Seen(24, noise=8), rng)          any other
    as_seen(crops, draw(len(crops), rng), rng)      each face under a condition of its own, as in training

Crops are N x size x size grey bytes (sequences: N x time x size x size, one condition each), and so is the
answer. A condition that changes nothing gives the face back byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.crop import crop_faces
from train.seeing.conditions import Seen

__all__ = ["as_seen"]

_BORDER = 12
"""Pixels of picture around a face: enough for the widest blur, and for any place in a codec's 8 x 8 blocks."""

_AT_ONCE = 128
"""OpenCV holds a picture's height in 16 bits, and theirs are joined into one."""


def as_seen(crops: NDArray[np.uint8], how: Seen | Sequence[Seen | None], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The same crops as they would be cut from a camera's picture. `rng` draws the noise and the faces' places."""
    size = crops.shape[-1]
    each = [how] * len(crops) if isinstance(how, Seen) else how
    changed = [row for row, seen in enumerate(each) if seen is not None and seen != Seen(max(size, seen.height))]
    frames = crops.reshape(len(crops), -1, size, size).copy()
    for start in range(0, len(changed), _AT_ONCE):
        rows = changed[start : start + _AT_ONCE]
        for frame in range(frames.shape[1]):
            frames[rows, frame] = _cut(frames[rows, frame], [each[row] for row in rows], rng)
    return frames.reshape(crops.shape)


def _cut(faces: NDArray[np.uint8], each: Sequence[Seen], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Every face in a picture of its own, the pictures one below the other, so that few calls cut them all."""
    size = faces.shape[-1]
    sides = np.array([min(size, seen.height) for seen in each])
    side = int(sides.max()) + 2 * _BORDER
    places = rng.integers(_BORDER - 8, _BORDER, (len(each), 2))
    tall = np.empty((len(each) * side, side), np.uint8)
    for row, (face, seen) in enumerate(zip(faces, each, strict=True)):
        tall[row * side : (row + 1) * side] = _taken(face, seen, side, places[row], rng)
    places[:, 1] += np.arange(len(each)) * side
    return crop_faces(tall, np.column_stack([places, sides, sides]).astype(np.float32), size=size)


def _taken(
    face: NDArray[np.uint8], seen: Seen, side: int, place: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A picture `side` pixels wide with the face at `place`, as a camera takes it."""
    small = min(face.shape[-1], seen.height)
    left, top = place.tolist()
    picture = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
    edges = (top, side - small - top, left, side - small - left)
    picture = cv2.copyMakeBorder(picture, *edges, cv2.BORDER_REPLICATE)
    if seen.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), seen.blur)
    if seen.light != 1 or seen.noise:
        light = picture * np.float32(seen.light)
        light += np.float32(seen.noise) * rng.standard_normal(light.shape, np.float32)
        picture = np.clip(np.round(light), 0, 255).astype(np.uint8)
    if seen.quality:
        _, coded = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, seen.quality))
        picture = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    return np.asarray(picture, np.uint8)
