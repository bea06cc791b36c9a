"""Record numbers that never come twice, not even after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

from edge.errors import Problem

__all__ = ["Sequence"]

_RESERVED = 1000  # numbers taken from the disk at once: one small write in a few hours, not one a window


class Sequence:
    """Counts up from what was reserved before. A crash skips the rest of its reserve and repeats none.

    One process owns a state folder: two sensors with one folder would give the same numbers.
    """

    def __init__(self, state_dir: Path) -> None:
        self._file = state_dir / "seq"
        self._next = self._reserved = self._read()
        self._reserve()

    def __call__(self) -> int:
        if self._next >= self._reserved:
            self._reserve()
        self._next += 1
        return self._next - 1

    def close(self) -> None:
        """Give back what was not used."""
        self._write(self._next)

    def _read(self) -> int:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            return int(self._file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0
        except ValueError:
            raise Problem(
                f"{self._file} holds no number. Delete it to count from 0 again, or write a number above the last seq."
            ) from None
        except OSError as error:
            raise self._unusable(error) from None

    def _reserve(self) -> None:
        self._reserved = self._next + _RESERVED
        self._write(self._reserved)

    def _write(self, number: int) -> None:
        fresh = self._file.with_suffix(".new")
        try:
            with fresh.open("w", encoding="ascii") as file:
                file.write(str(number))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> Problem:
        return Problem(
            f"The state folder {self._file.parent} cannot be used: {error.strerror}. "
            "Make it writable, or name another with service.state_dir."
        )
