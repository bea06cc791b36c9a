"""Complementary suppression: two companies that differ by a few are not both told of.

Who knows what ten and what the same ten but one looked like knows the one. The company is known here by its size
alone, the number of people judged on average; who is in it nobody here knows.
"""

from __future__ import annotations

import math
from pathlib import Path

from edge.disk import write_whole
from edge.errors import Problem

__all__ = ["Company"]

_SAME = 0.5
"""People by which one company's size may waver: faces turn away and come back."""


class Company:
    """The sizes told of lately. They outlive a restart, which would otherwise be a way to have them forgotten."""

    def __init__(self, change: int, settle: float, file: Path | None = None) -> None:
        """Sizes that differ by less than `change` are not both told within `settle` seconds."""
        self._change = change
        self._settle = settle
        self._file = file
        self._kept = _read(file) if file else []
        self._told: dict[float, float] = {}
        """When a size was told last."""

    def admits(self, judged: float, at: float) -> bool:
        """Whether a window of so many people, at this moment, may be told; if so it is remembered as told."""
        # A size that was kept counts as told just now: how long ago it was is not known.
        self._told.update(dict.fromkeys(self._kept, at))
        self._kept = []
        told = {size: then for size, then in self._told.items() if at < then + self._settle}
        same = [size for size in told if abs(judged - size) <= _SAME]
        if self._change > 1 and any(abs(judged - size) < self._change for size in told if size not in same):
            return False
        told.update(dict.fromkeys(same or [judged], at))
        if told.keys() != self._told.keys() and not self._keep(told):
            return False
        self._told = told
        return True

    def _keep(self, told: dict[float, float]) -> bool:
        """False where the disk does not take it: what would be forgotten is not told."""
        if self._file:
            try:
                write_whole(self._file, "".join(f"{size}\n" for size in told).encode())
            except OSError:
                return False
        return True


def _read(file: Path) -> list[float]:
    try:
        sizes = [float(line) for line in file.read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}. Make it readable, or delete it.") from None
    except ValueError:
        sizes = [math.nan]
    if not all(map(math.isfinite, sizes)):
        raise Problem(f"{file} does not hold the sizes of companies that it should. Delete it to begin anew.")
    return sizes
