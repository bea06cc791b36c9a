"""Record numbers that never come twice, not even after a power cut."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from edge.disk import write_whole
from edge.errors import Problem

__all__ = ["Sequence"]

_RESERVED = 1000  # numbers taken from the disk at once: one small write in a few hours, not one a window
_HIGHEST = 2**53  # beyond it, readers of JSON begin to confuse numbers


class Sequence:
    """Counts up from what was reserved before. A crash skips the rest of its reserve and repeats none.

    Its process holds the state folder: a second sensor there, which would give the same numbers, is refused.
    """

    def __init__(self, state_dir: Path) -> None:
        self._file = state_dir / "seq"
        self._lock = self._hold(state_dir / "lock")
        try:
            self._next = self._reserved = self._read()
            self._reserve()
        except Problem:
            os.close(self._lock)
            raise

    def __call__(self) -> int:
        if self._next >= self._reserved:
            self._reserve()
        self._next += 1
        return self._next - 1

    def close(self) -> None:
        """Give back what was not used, and the folder."""
        self._write(self._next)
        os.close(self._lock)

    def _hold(self, lock: Path) -> int:
        """The system frees it when this process ends, however it ends."""
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._unusable(error) from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(held, 20).decode("ascii", "replace").strip()
            os.close(held)
            raise Problem(
                f"The state folder {lock.parent} is in use by another sensor (process {holder or 'unknown'}). "
                "Stop that one, or give this one a folder of its own with service.state_dir."
            ) from None
        except OSError as error:
            os.close(held)
            raise self._unusable(error) from None
        os.ftruncate(held, 0)
        os.write(held, f"{os.getpid()}\n".encode())
        return held

    def _read(self) -> int:
        try:
            with self._file.open("rb") as file:
                text = file.read(20).strip()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._unusable(error) from None
        if not text.isdigit() or int(text) > _HIGHEST:
            raise Problem(
                f"{self._file} holds no number. Delete it to count from 0 again, or write a number above the last seq."
            )
        return int(text)

    def _reserve(self) -> None:
        self._reserved = self._next + _RESERVED
        self._write(self._reserved)

    def _write(self, number: int) -> None:
        try:
            write_whole(self._file, str(number).encode())
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> Problem:
        return Problem(
            f"The state folder {self._file.parent} cannot be used: {error.strerror}. "
            "Make it writable, or name another with service.state_dir."
        )
