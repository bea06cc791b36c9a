"""A window of time that adds up what the class looked like, then forgets every face in it.

Time is counted in whole microseconds: sums of them are exact, so that exactly k faces are exactly k.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOLDS", "LEVELS", "Sums", "View", "Window"]

LEVELS = 3
HOLDS = 2.0
"""Seconds for which what was seen is taken to hold when no newer frame comes."""
_SMOOTHING = 2.0  # seconds over which one face's scores are averaged: a blink is not boredom


@dataclass(frozen=True, slots=True)
class Sums:
    """All that is left of a window: totals over everybody, weighted by time in microseconds."""

    length: int
    observed: int
    """Time with a usable picture."""
    covered: float
    """The same, each moment weighted by the share of the room that was really looked at."""
    person_time: int
    """Of everybody in view."""
    judged_time: int
    """Of those large enough to be judged."""
    levels: NDArray[np.float64]
    """Person-time at low, mid, high; their sum is `judged_time`."""
    errors: NDArray[np.float64]
    """How wrong the model may be about those judged: its two errors, the first squared, times their time."""
    orientation: NDArray[np.float64]
    """Person-time turned to the front, down and away, of those whose way was known."""


@dataclass(frozen=True, slots=True)
class View:
    """What one frame showed, added up over everybody. It holds until the next frame, but not longer than HOLDS."""

    until: int
    faces: int
    judged: int
    levels: NDArray[np.float64]
    errors: NDArray[np.float64]
    orientation: NDArray[np.float64]
    coverage: float


class Window:
    """Collects one window. Per-face state lives here and dies with it; only the last view may outlive it."""

    def __init__(self, start: float, seconds: float, view: View | None = None) -> None:
        """`view` is what was seen last before the window, if it still holds."""
        self.start = start
        self.end = start + seconds
        self.view = view
        self._now = _ticks(start)
        """Up to here all is added up."""
        self._observed = self._person_time = self._judged_time = 0
        self._covered = 0.0
        self._levels = np.zeros(LEVELS)
        self._errors = np.zeros(2)
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
        *,
        unjudged: int = 0,
        errors: NDArray[np.float64] | None = None,
    ) -> None:
        """Add one usable frame: who (temporary numbers), how they look, how much of the room was seen.

        `orientation` counts the faces turned to the front, down and away, `unjudged` those that were only counted.
        `errors` are how wrong the model may be about each: its spread and what is shared; none is known by default.
        """
        known = np.full((len(tracks), 2), np.nan) if errors is None else errors
        elapsed = self._hold_until(at)
        self.view = View(
            until=self._now + _ticks(HOLDS),
            faces=len(tracks) + unjudged,
            judged=len(tracks),
            levels=self._smoothed(tracks, probabilities, elapsed).sum(axis=0),
            errors=np.array([(known[:, 0] ** 2).sum(), known[:, 1].sum()]),
            orientation=np.zeros(3) if orientation is None else orientation,
            coverage=coverage,
        )

    def skip(self, at: float) -> None:
        """A frame showed nothing: what was seen before holds no longer."""
        self._hold_until(at)
        self.view = None

    def close(self, at: float | None = None) -> Sums:
        """The sums at the window's end, or at an earlier one."""
        self._hold_until(self.end if at is None else at)
        return Sums(
            length=self._now - _ticks(self.start),
            observed=self._observed,
            covered=self._covered,
            person_time=self._person_time,
            judged_time=self._judged_time,
            levels=self._levels,
            errors=self._errors,
            orientation=self._orientation,
        )

    def _hold_until(self, at: float) -> float:
        """Add up what was seen last for the time from then till now. Returns that time in seconds."""
        before, self._now = self._now, min(max(_ticks(at), self._now), _ticks(self.end))
        if self.view:
            held = max(min(self._now, self.view.until) - before, 0)
            self._observed += held
            self._covered += held * self.view.coverage
            self._person_time += held * self.view.faces
            self._judged_time += held * self.view.judged
            self._levels += held * self.view.levels
            self._errors += held * self.view.errors
            self._orientation += held * self.view.orientation
        return (self._now - before) / 1e6

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


def _ticks(seconds: float) -> int:
    return round(seconds * 1e6)
