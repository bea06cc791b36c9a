"""A window of time that adds up what the class looked like, then forgets every face in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "Sums", "Window"]

LEVELS = 3
_SMOOTHING = 2.0  # seconds over which one face's scores are averaged: a blink is not boredom
_LONGEST_STEP = 1.0  # a gap between frames counts as observed for at most this long


@dataclass(frozen=True, slots=True)
class Sums:
    """All that is left of a window: totals over everybody, weighted by time."""

    seconds: float
    observed: float
    """Seconds with a usable picture."""
    covered: float
    """The same, each weighted by the share of the room that was really looked at."""
    person_seconds: float
    levels: NDArray[np.float64]
    """Person-seconds at low, mid, high; their sum is `person_seconds`."""
    orientation: NDArray[np.float64]
    """Person-seconds turned to the front, down and away."""


class Window:
    """Collects one window. Per-face state lives here and dies with it."""

    def __init__(self, start: float, seconds: float) -> None:
        self.start = start
        self.end = start + seconds
        self._last = start
        self._observed = self._covered = self._person_seconds = 0.0
        self._levels = np.zeros(LEVELS)
        self._orientation = np.zeros(3)
        self._tracks = np.empty(0, np.int64)  # sorted, so that a track is found by bisection
        self._smooth = np.empty((0, LEVELS))

    def add(
        self,
        at: float,
        tracks: NDArray[np.int64],
        probabilities: NDArray[np.float32],
        coverage: float,
        orientation: NDArray[np.float64] | None = None,
    ) -> None:
        """Add one usable frame: who (temporary numbers), how they look, how much of the room was seen.

        `orientation` counts the faces turned to the front, down and away.
        """
        step = min(max(at - self._last, 0.0), _LONGEST_STEP)
        self._last = max(at, self._last)
        self._observed += step
        self._covered += step * coverage
        self._person_seconds += step * len(tracks)
        self._levels += step * self._smoothed(tracks, probabilities, step).sum(axis=0)
        if orientation is not None:
            self._orientation += step * orientation

    def skip(self, at: float) -> None:
        """Time passed without a usable picture."""
        self._last = max(at, self._last)

    def close(self) -> Sums:
        return Sums(
            seconds=self.end - self.start,
            observed=self._observed,
            covered=self._covered,
            person_seconds=self._person_seconds,
            levels=self._levels,
            orientation=self._orientation,
        )

    def _smoothed(self, tracks: NDArray[np.int64], seen: NDArray[np.float32], step: float) -> NDArray[np.float64]:
        order = np.argsort(tracks)
        tracks, seen = tracks[order], seen[order]
        new = ~np.isin(tracks, self._tracks)
        places = np.searchsorted(self._tracks, tracks[new])
        self._tracks = np.insert(self._tracks, places, tracks[new])
        self._smooth = np.insert(self._smooth, places, seen[new], axis=0)
        rows = np.searchsorted(self._tracks, tracks)
        self._smooth[rows] += (1 - math.exp(-step / _SMOOTHING)) * (seen - self._smooth[rows])
        return self._smooth[rows]
