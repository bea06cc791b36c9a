"""What to look at now: known faces often, tiles with movement next, all tiles in turn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.vision.motion import Motion
from edge.vision.tile import Tile

__all__ = ["SWEEP", "Schedule"]

SWEEP = 2.0
"""Seconds in which every tile is looked through, whatever is in it."""
_KNOWN, _MOVING, _TURN = 0.19, 0.6, 1.5
# Seconds. The first is three frames of fifteen a second. The last leaves time for tiles that must wait for each
# other, and for who is new to be found soon.


class Schedule:
    def __init__(self, tiles: Sequence[Tile], picture: tuple[int, int], frame: tuple[int, int]) -> None:
        self.tiles = tuple(tiles)
        height, width = picture
        areas = np.array([(w.left, w.top, width * w.step, height * w.step) for w in tiles], np.float32)
        self._looked = np.full(len(tiles), -np.inf)
        self._due = np.full(len(tiles), -np.inf)
        self._motion = Motion(areas, frame)
        self._credit = 0.0

    def choose(
        self, image: NDArray[np.uint8], now: float, waiting: float, budget: float, cost: float
    ) -> tuple[bool, NDArray[np.intp]]:
        """Whether to look at known faces, which have been `waiting` for it, and which tiles to look through.

        The most overdue come first, as many as the budget pays for. All in seconds.
        """
        moving, known = self._motion.changed(image, now), self.wants_known(waiting)
        # Movement only brings a tile's turn forward when there is time left: the rest is still swept.
        due = np.flatnonzero((now >= self._due) | (moving & (now - self._looked >= _MOVING)))
        overdue = np.append((now - self._due[due]) / _TURN + 1, waiting / _KNOWN if known else 0)
        order = np.argsort(-overdue, kind="stable")
        # What one frame leaves of its budget, the next may use, so that small budgets also come round.
        self._credit = min(self._credit + budget, max(budget, cost) * 2)
        order = order[: int(self._credit / cost)]
        again = known and len(due) in order
        chosen = due[order[order < len(due)]]
        self._credit -= (len(chosen) + again) * cost
        # However quick the first sweep is, in later ones each tile has a time of its own.
        wait = np.where(np.isinf(self._looked[chosen]), (chosen + 1) / len(self.tiles), 1)
        self._due[chosen] = now + _TURN * wait
        self._looked[chosen] = now
        self._motion.remember(chosen)
        return again, chosen

    def wants_known(self, waiting: float) -> bool:
        """Whether faces that have been `waiting` so long are due."""
        return waiting >= _KNOWN

    def coverage(self, now: float) -> float:
        """The share of all tiles that were looked through within the last sweep."""
        return float(np.mean(now - self._looked <= SWEEP))
