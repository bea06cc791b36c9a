"""Random changes to face crops that leave the label true.

One draw of the random numbers serves all frames of a sequence: a camera does not flip between
two frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["AUGMENTATIONS", "Augmentation", "change", "erase"]

_GAMMAS = np.exp(np.linspace(-1.0, 1.0, 9))
_GREYS = np.arange(256) / 255.0


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far each change may go; zero leaves it out."""

    flip: bool = False
    rotation: float = 0.0
    """Degrees to either side."""
    shift: float = 0.0
    """Share of the side, each way."""
    zoom: float = 0.0
    """A crop grows or shrinks by up to this share."""
    gamma: float = 0.0
    """Exponents up to e to this power, so dark rooms and bright windows."""
    erase: float = 0.0
    """Chance that a rectangle of 2 to 20 % of the face is covered, as by a hand."""


AUGMENTATIONS = {
    "none": Augmentation(),
    # Nezami et al.: flip, a crop out of four more pixels, rotation.
    "s1": Augmentation(flip=True, rotation=8, shift=4 / 48),
    # Emotion CNNs: flip, zoom, shift, rotation.
    "s3": Augmentation(flip=True, zoom=0.1, shift=0.1, rotation=10),
    # Engagement shows in the eyes and in how the head is held: cover nothing, turn little.
    "gaze": Augmentation(flip=True, rotation=8, shift=3 / 48, zoom=0.1, gamma=0.4),
    "faces": Augmentation(flip=True, rotation=15, shift=4 / 48, zoom=0.17, gamma=0.4, erase=0.35),
}


def change(crops: NDArray[np.uint8], how: Augmentation, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn, zoom, shift, flip and re-light N (x time) x size x size crops."""
    count, size = len(crops), crops.shape[-1]
    angle = np.radians(rng.uniform(-how.rotation, how.rotation, count))
    scale = np.exp(rng.uniform(-1, 1, count) * math.log1p(how.zoom))
    mirror = np.where(rng.random(count) < 0.5, -1.0, 1.0) if how.flip else np.ones(count)
    shift = rng.uniform(-how.shift, how.shift, (count, 2)) * size
    light = rng.integers(0, len(_GAMMAS), count)

    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.stack([cos * mirror, sin, -sin * mirror, cos], axis=1).reshape(count, 2, 2)
    middle = np.full(2, (size - 1) / 2)
    # The middle of the crop stays where it is, but for the shift.
    matrices = np.concatenate([turn, (middle - turn @ middle + shift)[:, :, None]], axis=2)
    tables = np.round(255 * _GREYS ** (_GAMMAS[:, None] ** how.gamma)).astype(np.uint8)

    frames = crops.reshape(count, -1, size, size)
    out = np.empty_like(frames)
    for row in range(count):
        for frame in range(frames.shape[1]):
            cv2.warpAffine(
                frames[row, frame],
                matrices[row],
                (size, size),
                out[row, frame],
                cv2.INTER_LINEAR,
                cv2.BORDER_REPLICATE,
            )
    if how.gamma:
        out = tables[light[:, None, None, None], out]
    return out.reshape(crops.shape)


def erase(x: NDArray[np.float32], how: Augmentation, rng: np.random.Generator) -> NDArray[np.float32]:
    """Cover a rectangle of some normalized crops, N (x time) x size x size x 1, with noise like their own."""
    size = x.shape[-2]
    for row in np.flatnonzero(rng.random(len(x)) < how.erase):
        area, tall = rng.uniform(0.02, 0.2) * size * size, math.exp(rng.uniform(-0.8, 0.8))
        height, width = (min(size - 8, int(math.sqrt(area * by)) + 1) for by in (tall, 1 / tall))
        top, left = rng.integers(0, size + 1 - height), rng.integers(0, size + 1 - width)
        noise = rng.normal(x[row].mean(), x[row].std(), (height, width, 1))
        x[row, ..., top : top + height, left : left + width, :] = noise
    return x
