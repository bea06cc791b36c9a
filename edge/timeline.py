"""What time it is: for windows, in seconds that never go back; for records, in UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from edge.flow import Frame

__all__ = ["Clock", "Timeline"]

_STEP = 0.5  # seconds by which the wall clock must leave the monotonic one to count as set


@dataclass(frozen=True, slots=True)
class Clock:
    """The machine's clocks. A test brings its own."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    good: Callable[[], bool] = lambda: True
    """Whether the wall clock is known to be right."""


class Timeline:
    """The moments of a camera, and of a file at its own speed, are the machine's. A file read as fast as possible
    has moments of its own; in a pause they go on with the machine's, and the file opened next begins where they are.
    """

    def __init__(self, clock: Clock, *, media: bool) -> None:
        self._clock = clock
        self._media = media
        self._began = clock.monotonic()
        self._offset = clock.wall() - clock.monotonic()
        """What makes a time of the world of a moment of the machine. Held, so that windows follow on one another."""
        self.good = clock.good()
        """Whether times are known to be right."""
        self._zero = self._now = 0.0

    def begin(self) -> None:
        """A source is opened."""
        self._zero = self._now if self._media else 0.0

    def at(self, frame: Frame) -> float:
        """The moment of a frame."""
        self._now = max(self._now, self._zero + frame.at)
        return self._now

    def now(self) -> float:
        """The present: for a file read as fast as possible, its last frame's moment."""
        if not self._media:
            self._now = max(self._now, self._clock.monotonic())
        return self._now

    def pause(self, seconds: float) -> float:
        """Let time pass without a source, and say what time it is then."""
        before = self._clock.monotonic()
        self._clock.sleep(seconds)
        if self._media:
            self._now += self._clock.monotonic() - before
        return self.now()

    def check(self) -> float | None:
        """Look at the wall clock: one that is not known to be right is not followed, whatever it does.

        By how many seconds the times told until now were wrong, at the moment when that comes to be known.
        """
        offset = self._clock.wall() - self._clock.monotonic()
        was_good, self.good = self.good, self._clock.good()
        by = offset - self._offset
        found = self.good and not was_good
        if found or (self.good and not self._media and abs(by) > _STEP):
            self._offset = offset
        return by if found else None

    def utc(self, at: float) -> str:
        """Wall-clock time of a moment."""
        zero = self._offset + (self._began if self._media else 0.0)
        return datetime.fromtimestamp(zero + at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
