"""Which windows to look through now: those with faces often, those with movement next, empty ones in turn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.vision.motion import Motion
from edge.vision.window import Window

__all__ = ["SWEEP", "Schedule"]

SWEEP = 2.0
"""Seconds in which every window is looked through, whatever is in it."""
_HELD_MOVING, _HELD_STILL, _EMPTY_MOVING, _EMPTY_STILL = 0.1, 0.3, 0.2, 0.85
# Parts of SWEEP. The last leaves time for windows that fall due together and must wait for their turn.


class Schedule:
    def __init__(self, windows: Sequence[Window], picture: tuple[int, int], frame: tuple[int, int]) -> None:
        self.windows = tuple(windows)
        height, width = picture
        self.areas = np.array([(w.left, w.top, width * w.step, height * w.step) for w in windows], np.float32)
        self.steps = np.array([w.step for w in windows])
        self._looked = np.full(len(windows), -np.inf)
        self._motion = Motion(self.areas, frame)
        self._credit = 0.0

    def choose(
        self, image: NDArray[np.uint8], now: float, held: NDArray[np.bool_], budget: float, cost: float
    ) -> NDArray[np.intp]:
        """Windows to look through in this frame, the most overdue first; `budget` and a look's `cost` in seconds."""
        moving = self._motion.changed(image)
        periods = np.where(
            held, np.where(moving, _HELD_MOVING, _HELD_STILL), np.where(moving, _EMPTY_MOVING, _EMPTY_STILL)
        )
        overdue = (now - self._looked) / (periods * SWEEP)
        due = np.flatnonzero(overdue >= 1)
        due = due[np.argsort(-overdue[due], kind="stable")]
        # What one frame leaves of its budget, the next may use, so that small budgets also come round.
        self._credit = min(self._credit + budget, max(budget, cost) * 2)
        affordable = int(self._credit / cost)
        chosen = due[:affordable]
        self._credit -= len(chosen) * cost
        self._looked[chosen] = now
        self._motion.remember(chosen)
        return chosen

    def coverage(self, now: float) -> float:
        """The share of all windows that were looked through within the last sweep."""
        return float(np.mean(now - self._looked <= SWEEP))
