"""Window after window: which one a moment falls into, and what becomes of those that ended."""

from __future__ import annotations

from collections.abc import Callable

from edge.aggregate.window import Sums, Window

__all__ = ["Series", "following"]

_SHORTEST = 1.0  # seconds; a shorter rest of a file says nothing


class Series:
    """Each window is told when it ends. The next begins there, and knows of it only the last view while that holds."""

    def __init__(self, seconds: float, tell: Callable[[float, Sums], None]) -> None:
        """`tell` is given each ended window's start and sums."""
        self._seconds = seconds
        self._tell = tell
        self._window: Window | None = None

    def at(self, now: float) -> Window:
        """The window `now` falls into, the first one if there is none. Those that ended before are told."""
        window = self._window or Window(now, self._seconds)
        while now >= window.end:
            self._tell(window.start, window.close())
            window = Window(following(window.end, now, self._seconds), self._seconds, window.view)
        self._window = window
        return window

    def end(self, now: float) -> None:
        """No more comes: tell the part of a window there is, if it is long enough to mean something."""
        if self._window is None:
            return
        window = self.at(now)
        if now - window.start >= _SHORTEST:
            self._tell(window.start, window.close(now))
        self.drop()

    def drop(self) -> None:
        """Forget the window begun, with all that was seen in it."""
        self._window = None


def following(end: float, now: float, seconds: float) -> float:
    """Where the window after the one that ended begins. After a long standstill, one told window is enough."""
    return end if now < end + 2 * seconds else now
