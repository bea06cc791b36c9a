"""Probabilities that mean what they say: how sure a network is beyond its due was measured on people it never saw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["tempered"]


def tempered(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """What a softmax gives when its scores are divided by the temperature; above 1 it is less sure, at 1 as it was."""
    if temperature == 1:
        return probabilities
    powers = probabilities ** np.float32(1 / temperature)
    return powers / np.maximum(powers.sum(axis=1, keepdims=True), np.float32(1e-9))
