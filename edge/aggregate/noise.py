"""Noise from OpenDP on the levels of a window: what one person showed in it is hidden by more of it than they weigh.

Two windows with the same people in them, one of whom showed something else, are told alike but for a factor of
e^epsilon. The numbers of people are not hidden.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.aggregate.budget import Budget
from edge.errors import Problem

__all__ = ["LaplaceNoise"]

_UNITS = 10_000
"""Shares become whole numbers of these: OpenDP's noise on whole numbers has no floating-point hole."""


class LaplaceNoise:
    def __init__(self, epsilon: float, budget: Budget) -> None:
        self.epsilon = epsilon
        self._budget = budget
        self._opendp = _opendp()

    def add(self, shares: NDArray[np.float64], judged: float) -> NDArray[np.float64] | None:
        """Low, mid and high as shares, with noise; None when the budget is spent."""
        dp = self._opendp
        space = dp.vector_domain(dp.atom_domain(T=int), size=2), dp.l1_distance(T=int)
        mechanism = space >> dp.m.then_laplace(scale=self._scale(judged))
        if mechanism.map(d_in=_moved(judged)) > self.epsilon or not self._budget.spend(self.epsilon):
            return None
        low, high = mechanism(np.rint(_UNITS * shares[[0, 2]]).astype(int).tolist())
        # From here on nothing but what the noise let through is worked on.
        ends = np.clip(np.array([low, high]) / _UNITS, 0, 1)
        ends /= max(ends.sum(), 1)
        return np.array([ends[0], 1 - ends.sum(), ends[1]]).clip(0)

    def deviation(self, judged: float) -> float:
        # Two of Laplace's, of which half of each is in the figure: their standard deviation is the scale.
        return self._scale(judged) / _UNITS

    def _scale(self, judged: float) -> float:
        return _moved(judged) / self.epsilon * (1 + 1e-9)


def _moved(judged: float) -> int:
    """By how many units one person can move low and high together; rounding may add one to each."""
    return math.ceil(2 * _UNITS / judged) + 2


def _opendp() -> Any:
    try:
        import opendp.prelude as dp
        from opendp.mod import enable_features
    except ImportError:
        raise Problem(
            "privacy.epsilon is set, but OpenDP, which makes the noise, is not installed. "
            "Run: pip install 'edge-engage[noise]', or take privacy.epsilon out."
        ) from None
    enable_features("contrib")
    return dp
