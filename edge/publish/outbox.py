"""Where records wait for the broker: the seam behind which `edge.spool` keeps them on disk."""

from __future__ import annotations

import threading
import time
from typing import Protocol

from edge.flow import Waiting

__all__ = ["MemoryOutbox", "Outbox"]


class Outbox(Protocol):
    """Records in order. One thread puts; another peeks, sends, and says done once the broker has acknowledged."""

    @property
    def depth(self) -> int:
        """How many wait."""
        ...

    @property
    def declined(self) -> int:
        """How many the broker declined. They are kept aside."""
        ...

    @property
    def dropped(self) -> int:
        """How many were lost, for want of room or otherwise."""
        ...

    @property
    def trouble(self) -> str | None:
        """What is wrong with it, in words; None when nothing is."""
        ...

    @property
    def newest(self) -> int:
        """The number of the last one put, whether it still waits or not; -1 before the first."""
        ...

    def put(self, payload: bytes) -> None: ...

    def peek(self, after: int = -1) -> Waiting | None:
        """The oldest with a higher number than this. It stays until it is done or declined."""
        ...

    def done(self, number: int) -> None: ...

    def decline(self, number: int) -> None:
        """The broker will not have it. It waits no more, and is kept aside."""
        ...

    def offer(self, *, everything: bool) -> int | None:
        """Declined records wait again: all, or the one that was declined longest ago. Returns its number."""
        ...


class MemoryOutbox:
    """Keeps records as long as the process lives."""

    dropped = 0
    trouble = None

    def __init__(self) -> None:
        self.newest = -1
        self._waiting: dict[int, tuple[bytes, float]] = {}
        self._aside: dict[int, tuple[bytes, float]] = {}
        self._lock = threading.Lock()

    @property
    def depth(self) -> int:
        return len(self._waiting)

    @property
    def declined(self) -> int:
        return len(self._aside)

    def put(self, payload: bytes) -> None:
        with self._lock:
            self.newest += 1
            self._waiting[self.newest] = (payload, time.monotonic())

    def peek(self, after: int = -1) -> Waiting | None:
        with self._lock:
            number = min((n for n in self._waiting if n > after), default=None)
            if number is None:
                return None
            payload, since = self._waiting[number]
            return Waiting(number, payload, time.monotonic() - since)

    def done(self, number: int) -> None:
        with self._lock:
            self._waiting.pop(number, None)

    def decline(self, number: int) -> None:
        with self._lock:
            self._aside[number] = self._waiting.pop(number)

    def offer(self, *, everything: bool) -> int | None:
        with self._lock:
            numbers = list(self._aside)[: None if everything else 1]
            self._waiting |= {number: self._aside.pop(number) for number in numbers}
            return numbers[0] if numbers else None
