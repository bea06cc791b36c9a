"""The one preprocessing: from a frame and boxes to the faces a model sees.

The device and the training programs both call this code, so a network is trained on exactly
the pixels it will be served.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.flow import Normalization

__all__ = ["crop_faces", "normalize", "whole_image"]

_MOST_SAMPLES = 1 << 20  # in one call
_DENSEST = 16  # samples per output pixel and axis; a 768-px face still gets one sample a pixel


def crop_faces(
    image: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    *,
    size: int = 48,
    margin: float = 0.0,
    roll: NDArray[np.float32] | None = None,
) -> NDArray[np.uint8]:
    """Cut a square around each box, grey, averaged over area to `size` x `size`.

    The square is centred on the box, `1 + margin` times its longer side, and turned by `roll`
    radians (positive: the face leans clockwise) when given. Outside the frame the edge repeats.
    A box smaller than `size` is interpolated linearly.
    """
    grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    angles = np.zeros(len(boxes), np.float32) if roll is None else np.asarray(roll, np.float32)
    centres = np.asarray(boxes[:, :2] + boxes[:, 2:] / 2, np.float32)
    sides = boxes[:, 2:].max(axis=1, initial=0) * np.float32(1 + margin)
    # One sample a source pixel, in powers of two, so that all faces of like size share one call.
    densities = np.clip(2 ** np.ceil(np.log2(np.maximum(sides, 1) / size)), 1, _DENSEST).astype(int)
    crops = np.empty((len(boxes), size, size), np.uint8)
    for density in np.unique(densities):
        rows = np.flatnonzero(densities == density)
        crops[rows] = _sample(grey, centres[rows], sides[rows], angles[rows], size, int(density))
    return crops


def _sample(
    grey: NDArray[np.uint8],
    centres: NDArray[np.float32],
    sides: NDArray[np.float32],
    angles: NDArray[np.float32],
    size: int,
    density: int,
) -> NDArray[np.uint8]:
    dense = size * density
    # A large face takes 768 x 768 samples of ten bytes and more: never a whole class's at once. And OpenCV holds map
    # heights in 16 bits.
    most = max(1, min(_MOST_SAMPLES // dense**2, 32000 // dense))
    some = (slice(start, start + most) for start in range(0, len(sides), most))
    maps = (_maps(centres[rows], sides[rows], angles[rows], dense) for rows in some)
    parts = [cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for x, y in maps]
    if density > 1:
        parts = [cv2.resize(p, (size, len(p) // density), interpolation=cv2.INTER_AREA) for p in parts]
    return np.asarray(np.concatenate(parts), np.uint8).reshape(-1, size, size)


def _maps(
    centres: NDArray[np.float32], sides: NDArray[np.float32], angles: NDArray[np.float32], dense: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where in the frame each sample of these squares lies, one square below the other."""
    steps = (np.arange(dense, dtype=np.float32) + 0.5) / dense - 0.5
    across, down = steps[None, None, :], steps[None, :, None]
    cos = (np.cos(angles) * sides)[:, None, None]
    sin = (np.sin(angles) * sides)[:, None, None]
    # Pixel (0, 0) covers 0..1, so its centre lies at 0.5.
    x = centres[:, 0, None, None] - 0.5 + cos * across - sin * down
    y = centres[:, 1, None, None] - 0.5 + sin * across + cos * down
    return np.asarray(x, np.float32).reshape(-1, dense), np.asarray(y, np.float32).reshape(-1, dense)


def whole_image(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The box that is the picture itself, for data sets that hold ready face crops."""
    height, width = image.shape[:2]
    return np.array([[0, 0, width, height]], np.float32)


def normalize(crops: NDArray[np.uint8], how: Normalization) -> NDArray[np.float32]:
    """N x size x size grey bytes to N x size x size x 1 floats, as a bundle's card asks."""
    x = crops.astype(np.float32)[..., None]
    if how == "unit":
        return np.asarray(x / 255, np.float32)
    if how == "signed":
        return np.asarray(x / 127.5 - 1, np.float32)
    x -= x.mean(axis=(1, 2, 3), keepdims=True)
    if how == "standard":
        return np.asarray(x / (x.std(axis=(1, 2, 3), keepdims=True) + 1), np.float32)
    # "norm": zero mean and Euclidean norm 100, the published VGG-B preprocessing.
    norms = np.sqrt(np.square(x).sum(axis=(1, 2, 3), keepdims=True))
    return np.asarray(100 * x / (norms + 1e-6), np.float32)
