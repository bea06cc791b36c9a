"""Collages to calibrate a face detector with: two public-domain portraits, many times, over everyday pictures.

The portraits are NASA's Eileen Collins (shipped with scikit-image) and the US Navy's Grace Hopper
(shipped with matplotlib). No private picture is needed, so anyone can make the same bundle again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from convert.detectors.wheel import Wheel

__all__ = ["COUNT", "SEED", "crowds"]

COUNT, SEED = 200, 0
_SCIKIT_IMAGE = Wheel("scikit-image", "0.25.2", {})
_BACKGROUNDS = ("astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel", "page", "text")
_Picture = NDArray[np.uint8]


def crowds(side: int) -> Iterator[NDArray[np.float32]]:
    """`COUNT` pictures of 1 x side x side x 3, red-green-blue in 0..1."""
    random = np.random.default_rng(SEED)
    pictures = [_decoded(data) for data in _SCIKIT_IMAGE.read(*(f"skimage/data/{n}.png" for n in _BACKGROUNDS))]
    portraits = (pictures[0][:300, 90:390], _hopper()[:460, 60:480])
    for _ in range(COUNT):
        scene = _background(pictures, random, side)
        for _ in range(random.integers(1, 20)):
            _paste(scene, portraits[random.integers(2)], random)
        yield scene[None, ..., ::-1].astype(np.float32) / 255


def _decoded(data: bytes) -> _Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _hopper() -> _Picture:
    import matplotlib as mpl

    return _decoded((Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg").read_bytes())


def _background(pictures: list[_Picture], random: np.random.Generator, side: int) -> _Picture:
    """A random part of a random picture, at a random sharpness."""
    picture = pictures[random.integers(len(pictures))]
    part = int(random.uniform(0.3, 1) * min(picture.shape[:2]))
    top, left = (random.integers(0, length - part + 1) for length in picture.shape[:2])
    return np.asarray(cv2.resize(picture[top : top + part, left : left + part], (side, side)), np.uint8)


def _paste(scene: _Picture, portrait: _Picture, random: np.random.Generator) -> None:
    """A portrait of 24 pixels to the whole scene, in other light, perhaps mirrored."""
    side = len(scene)
    height = int(np.exp(random.uniform(np.log(24), np.log(side))))
    width = min(side, int(height * portrait.shape[1] / portrait.shape[0]))
    face = cv2.resize(portrait, (width, height), interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        face = face[:, ::-1]
    face = np.clip(face * random.uniform(0.4, 1.3) + random.uniform(-30, 30), 0, 255)
    top, left = random.integers(0, side - height + 1), random.integers(0, side - width + 1)
    scene[top : top + height, left : left + width] = face
