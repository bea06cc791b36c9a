"""The next number in a file of its own, for the day on which the spool cannot be read or written.

It is one line of fixed length, written in place: that needs no room on a full disk. Before there was a spool it was
the only place, so that an older program's file is read as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["Mark"]

_DIGITS = 16
_HIGHEST = 2**53  # beyond it, readers of JSON begin to confuse numbers


class Mark:
    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> int | None:
        """The number; 0 where there is no file yet, None where nobody can know it."""
        try:
            with self._file.open("rb") as file:
                text = file.read(20).strip()
        except FileNotFoundError:
            return 0
        except OSError:
            return None
        return int(text) if text.isdigit() and int(text) <= _HIGHEST else None

    def write(self, number: int, *, durable: bool = False) -> bool:
        """Whether it could be written. `durable`: a power cut leaves it; otherwise it may take back half a minute."""
        try:
            file = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                written = os.pwrite(file, f"{number:>{_DIGITS}}\n".encode(), 0)
                if durable:
                    os.fdatasync(file)
            finally:
                os.close(file)
        except OSError:
            return False
        return written == _DIGITS + 1
