"""Where records wait for the broker. The seam for store-and-forward: a spool on disk has the same four members."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import NamedTuple, Protocol

__all__ = ["MemoryOutbox", "Outbox", "Waiting"]


class Waiting(NamedTuple):
    """A record on its way out."""

    number: int
    payload: bytes
    since: float
    """Monotonic seconds at which it was put."""


class Outbox(Protocol):
    """Records in order. One thread puts, another peeks, sends, and says done once the broker has acknowledged."""

    @property
    def depth(self) -> int:
        """How many wait."""
        ...

    @property
    def dropped(self) -> int:
        """How many were lost for want of room."""
        ...

    def put(self, payload: bytes) -> None: ...

    def peek(self) -> Waiting | None:
        """The oldest, which stays until it is done."""
        ...

    def done(self, number: int) -> None: ...


class MemoryOutbox:
    """Keeps the newest `most` records in memory; drops the oldest first, and counts what it drops."""

    def __init__(self, most: int = 1000) -> None:
        self.dropped = 0
        self._waiting: deque[Waiting] = deque()
        self._most = most
        self._next = 0
        self._lock = threading.Lock()

    @property
    def depth(self) -> int:
        return len(self._waiting)

    def put(self, payload: bytes) -> None:
        with self._lock:
            if len(self._waiting) == self._most:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(Waiting(self._next, payload, time.monotonic()))
            self._next += 1

    def peek(self) -> Waiting | None:
        with self._lock:
            return self._waiting[0] if self._waiting else None

    def done(self, number: int) -> None:
        with self._lock:
            # It may have been dropped for want of room while it was on its way.
            if self._waiting and self._waiting[0].number == number:
                self._waiting.popleft()
