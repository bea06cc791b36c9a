"""Whole subjects drawn again and again: where the 95 % interval of every figure comes from.

Pictures of one face are not independent: an interval over pictures would be several times too
narrow. A draw only gives each subject a count, so every figure is computed for all draws at once
from sums by subject.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST", "Draws", "Estimate", "Floats", "draw", "estimate", "intervals"]

_DRAWS = 1000
FEWEST = 5
"""Drawn from fewer subjects than this, an interval says more of chance than of the network: there is none."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Draws:
    """The first row of `times` counts every subject once: the figure itself. The others are the draws."""

    members: NDArray[np.int64]
    """Each sample's subject, as a number."""
    times: Floats
    """Draws x subjects: how often a draw holds a subject."""

    def sums(self, values: Floats) -> Floats:
        """Draws x ...: the values of all samples, summed by subject, then by draw."""
        by_subject = np.zeros((self.times.shape[1], *values.shape[1:]))
        np.add.at(by_subject, self.members, values)
        return np.tensordot(self.times, by_subject, axes=1)


def draw(groups: NDArray[np.str_], *, seed: int) -> Draws:
    """A group "" is a sample of its own."""
    alone = np.array([group or f"\0{n:09d}" for n, group in enumerate(groups.tolist())])
    members = np.unique(alone, return_inverse=True)[1].astype(np.int64)
    count = int(members.max()) + 1
    draws = _DRAWS if count >= FEWEST else 0
    times = np.ones((1 + draws, count))
    times[1:] = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    return Draws(members, times)


def estimate(values: Floats) -> Estimate:
    """From a figure's value in every draw; the first is the figure itself."""
    # A draw without a single sample of a label has no recall of it.
    known = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
    return Estimate(float(values[0]), float(low), float(high))


def intervals(count: int, drawn_over: str) -> str:
    """What a reader is told of the intervals beside figures that were drawn over so many subjects (or samples)."""
    if count >= FEWEST:
        return f"95 % over {count} {drawn_over}"
    return f"no interval: {count} {drawn_over} are fewer than {FEWEST}"
