"""Whether a picture shows anything: not too dark, not a covered lens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["visible"]

_DARKEST = 8.0  # mean grey level of 255
_FLATTEST = 3.0  # standard deviation; a hand, a lens cap or fog has less


def visible(image: NDArray[np.uint8]) -> bool:
    sample = image[::16, ::16]
    return float(sample.mean()) > _DARKEST and float(sample.std()) > _FLATTEST
