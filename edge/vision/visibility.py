"""Whether a picture shows anything: not too dark, not a covered lens."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["visible"]

_SMALL = (64, 36)  # so small that a sensor's noise has averaged out
_NEAR = 1.5  # pixels of the small picture
_DARKEST = 8.0  # mean grey level of 255
_FLATTEST = 1.7  # standard deviation from what is near; a cap, a finger, paper or cloth over the lens has less


def visible(image: NDArray[np.uint8]) -> bool:
    """What covers a lens may be bright, glow, fade to the edges and be full of noise, but it has no outlines."""
    small = cv2.resize(image, _SMALL, interpolation=cv2.INTER_AREA).mean(axis=2, dtype=np.float32)
    outlines = small - cv2.GaussianBlur(small, (0, 0), _NEAR)
    return float(small.mean()) > _DARKEST and float(outlines.std()) > _FLATTEST
