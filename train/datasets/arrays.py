"""A data set as arrays: every face cut by the device's own code."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.vision.crop import crop_faces, whole_image
from train.datasets.dataset import Dataset, Sample, is_sequence

__all__ = ["Arrays", "to_arrays"]


class Arrays(NamedTuple):
    x: NDArray[np.uint8]
    """N x size x size grey bytes; sequences N x time x size x size."""
    y: NDArray[np.int64]
    groups: NDArray[np.str_]
    """N subjects or recordings, "" where unknown."""


def to_arrays(dataset: Dataset, *, size: int = 48, margin: float = 0.0) -> Arrays:
    """Samples in their order; each picture is taken as a ready face crop and cut `1 + margin` times as wide."""
    samples = dataset.samples
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        crops = list(pool.map(lambda sample: _crop(sample, size, margin), samples, chunksize=256))
    x = np.stack(crops) if crops else np.empty((0, size, size), np.uint8)
    return Arrays(x, np.array([s.label for s in samples], np.int64), np.array([s.group for s in samples], np.str_))


def _crop(sample: Sample, size: int, margin: float) -> NDArray[np.uint8]:
    image = sample.load()
    if is_sequence(image):
        return np.stack([_whole(frame, size, margin) for frame in image])
    return _whole(image, size, margin)


def _whole(image: NDArray[np.uint8], size: int, margin: float) -> NDArray[np.uint8]:
    if margin == 0 and image.shape == (size, size):
        return image  # what crop_faces gives for it, byte for byte
    return crop_faces(image, whole_image(image), size=size, margin=margin)[0]
