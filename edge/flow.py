"""What flows through the sensor: Frame -> Faces -> Scores -> (window) -> Aggregate -> Waiting.

The first three live in memory only. None of them has an encoder; the only type that leaves the
process is `edge.aggregate.record.Aggregate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Faces", "Frame", "Normalization", "Scores", "Waiting"]

Normalization = Literal["unit", "signed", "standard", "norm"]
"""How grey bytes become a network's input; see `edge.vision.crop.normalize`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from a camera."""

    image: NDArray[np.uint8]
    """Height x width x 3, blue-green-red."""
    at: float
    """Monotonic seconds at which it was taken."""
    number: int
    """Counts every frame the camera gave, so that gaps show what was dropped."""


@dataclass(frozen=True, slots=True)
class Faces:
    """All faces of one frame, one row each."""

    boxes: NDArray[np.float32]
    """N x 4: x, y, width, height in frame pixels."""
    scores: NDArray[np.float32]
    """N: how sure the detector is, 0 to 1."""
    keypoints: NDArray[np.float32]
    """N x 6 x 2 frame pixels: right eye, left eye, nose tip, mouth, right ear, left ear; NaN where unknown."""
    tracks: NDArray[np.int64]
    """N: the seat's temporary number, -1 while there is none."""

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Faces:
        return Faces(self.boxes[rows], self.scores[rows], self.keypoints[rows], self.tracks[rows])

    @staticmethod
    def none() -> Faces:
        return Faces(
            np.empty((0, 4), np.float32),
            np.empty(0, np.float32),
            np.empty((0, 6, 2), np.float32),
            np.empty(0, np.int64),
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of the faces of one frame it has a verdict on."""

    tracks: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    """N x 3: low, mid, high; each from 0 to 1, each row sums to 1."""
    errors: NDArray[np.float64]
    """N x 2: how wrong each may be (`edge.model.reliability`)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An encoded record on its way to the broker."""

    number: int
    payload: bytes
    age: float
    """Seconds since it was put."""
