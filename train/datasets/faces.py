"""Faces in a data set's pictures: the biggest of each, and whether the pictures are cut to them at all."""

from __future__ import annotations

import numpy as np

from edge.closeups import LOOKED_AT, biggest_face, no_closeups
from train.datasets.dataset import Dataset, is_sequence

__all__ = ["biggest_face", "uncropped"]


def uncropped(dataset: Dataset) -> str:
    """Why these pictures are no face crops, or "". Clips are cut when they are read, or left whole on purpose."""
    count = len(dataset.samples)
    rows = np.random.default_rng(0).choice(count, min(LOOKED_AT, count), replace=False)
    pictures = [dataset.samples[row].load() for row in rows]
    return no_closeups([picture for picture in pictures if not is_sequence(picture)])
