"""How much privacy loss has been spent, a lesson and a day, over restarts too. What is not written is not spent."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from edge.disk import write_whole
from edge.errors import Problem

__all__ = ["Budget"]

_DAY = 24 * 60 * 60.0
_SLACK = 1 + 1e-9  # ten times a tenth is a little more than one


class Budget:
    """Sums of epsilon: any stretch of a lesson's length, and any 24 hours, stay within their bounds."""

    def __init__(
        self, *, lesson: float, lesson_seconds: float, day: float, wall: Callable[[], float], file: Path | None
    ) -> None:
        """`wall` is the time of day, which goes on while the machine is off."""
        self._bounds = ((lesson_seconds, lesson), (_DAY, day))
        self._wall = wall
        self._file = file
        self._spent = _read(file) if file else []
        """Moments, and what was spent at each."""

    def spend(self, epsilon: float) -> bool:
        """False when it is too much, or when the disk does not take it: then nothing is spent, and nothing told."""
        now = self._wall()
        # A moment yet to come was written before the clock was set back: it counts.
        spent = [(then, cost) for then, cost in self._spent if now < then + _DAY]
        for seconds, bound in self._bounds:
            if sum(cost for then, cost in spent if now < then + seconds) + epsilon > bound * _SLACK:
                return False
        spent.append((now, epsilon))
        if self._file:
            try:
                write_whole(self._file, "".join(f"{then} {cost}\n" for then, cost in spent).encode())
            except OSError:
                return False
        self._spent = spent
        return True


def _read(file: Path) -> list[tuple[float, float]]:
    try:
        rows = [list(map(float, line.split())) for line in file.read_text(encoding="ascii").splitlines()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}. Make it readable.") from None
    except ValueError:
        rows = [[]]
    if not all(len(row) == 2 and all(map(math.isfinite, row)) and row[1] > 0 for row in rows):
        raise Problem(f"{file} does not hold what was spent of the privacy budget. Wait a day and delete it.")
    return [(row[0], row[1]) for row in rows]
