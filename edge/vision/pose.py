"""Which way a face is turned, roughly, from its keypoints alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["orientation_counts", "roll"]

_RIGHT_EYE, _LEFT_EYE, _NOSE, _MOUTH = range(4)
_TURNED = 0.42  # nose beside the middle of the eyes, in eye distances: about 40 degrees
_BOWED = 0.72  # nose between eyes (0) and mouth (1): about 20 degrees down


def roll(keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
    """Radians by which each face leans clockwise in the picture; 0 where the eyes are unknown."""
    line = keypoints[:, _LEFT_EYE] - keypoints[:, _RIGHT_EYE]
    return np.nan_to_num(np.arctan2(line[:, 1], line[:, 0])).astype(np.float32)


def orientation_counts(keypoints: NDArray[np.float32]) -> NDArray[np.float64]:
    """How many faces look to the front, down, and away; faces without keypoints count nowhere."""
    aside, below = _nose(keypoints[np.isfinite(keypoints[:, : _MOUTH + 1]).all(axis=(1, 2))])
    away = np.abs(aside) > _TURNED
    down = ~away & (below > _BOWED)
    return np.array([len(away) - away.sum() - down.sum(), down.sum(), away.sum()], np.float64)


def _nose(keypoints: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the nose is: beside the eyes' middle in eye distances, and on the way from eyes to mouth."""
    middle = (keypoints[:, _RIGHT_EYE] + keypoints[:, _LEFT_EYE]) / 2
    across = keypoints[:, _LEFT_EYE] - keypoints[:, _RIGHT_EYE]
    distance = np.maximum(np.linalg.norm(across, axis=1), 1e-3)
    unit = across / distance[:, None]
    downward = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    nose, mouth = keypoints[:, _NOSE] - middle, keypoints[:, _MOUTH] - middle
    length = (mouth * downward).sum(axis=1)
    below = (nose * downward).sum(axis=1) / np.where(np.abs(length) < 1e-3, 1e-3, length)
    return (nose * unit).sum(axis=1) / distance, below
