"""Figures no finer than one person: a step is at least what one of those judged weighs, and small changes are not told.

What was told is held until a share has moved by a whole step. So a person, who moves it by one step at most, seldom
shows; and the trembling of the others, which would carry a figure finer than the steps over many windows, does not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Held", "step"]

_STEPS = (1, 2, 5, 10, 20, 50)
"""In hundredths; each divides the whole."""


def step(judged: float) -> float:
    """The smallest step that is not less than the weight of one of so many."""
    return next((step for step in _STEPS if step * judged >= 100), 100) / 100


class Held:
    """Three shares of a whole as they were told last: nothing that is not public already."""

    def __init__(self) -> None:
        self._step = 0.0
        self._told = np.zeros(3)

    def round(self, shares: NDArray[np.float64], step: float) -> tuple[float, float, float]:
        """In whole steps that add up to 1: those told before if no share has moved by a step since."""
        if step != self._step or (np.abs(shares - self._told) >= step).any():
            steps = np.rint(shares / step).astype(int)
            # What rounding leaves over goes to the largest.
            steps[np.argmax(shares)] += round(1 / step) - steps.sum()
            self._step, self._told = step, steps * step
        low, mid, high = (round(share, 2) for share in self._told.tolist())
        return low, mid, high
