"""What the page shows now: one picture and what is said of it. Held in memory, replaced by the next."""

from __future__ import annotations

import threading

import msgspec

__all__ = ["Face", "Said", "Screen"]


class Face(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    shares: tuple[float, ...]
    """One a label; empty while the network has not answered."""
    held: int
    """Frames of it so far."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    network: str = ""
    source: str = ""
    labels: tuple[str, ...] = ()
    frames: int = 1
    """That the network looks at."""
    silent: str = ""
    """Why it cannot be said where the network looks; empty where it can."""
    attention: bool = False
    frames_a_second: float = 0.0
    answers_a_second: float = 0.0
    faces: tuple[Face, ...] = ()
    trouble: str = ""


class Screen:
    """Written by one thread, read by as many as there are pages."""

    def __init__(self) -> None:
        self.attention = False
        """Whether a page asked where the network looks."""
        self._changed = threading.Condition()
        self._turn = 0
        self._picture, self._said = b"", Said()
        self._closed = False

    def show(self, picture: bytes | None, said: Said) -> None:
        """None leaves the picture as it is."""
        with self._changed:
            self._picture = self._picture if picture is None else picture
            self._said = said
            self._turn += 1
            self._changed.notify_all()

    def after(self, turn: int) -> tuple[int, bytes, Said] | None:
        """What is shown once it is newer than `turn`; None when there will be nothing more."""
        with self._changed:
            self._changed.wait_for(lambda: self._turn > turn or self._closed)
            return None if self._closed else (self._turn, self._picture, self._said)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
