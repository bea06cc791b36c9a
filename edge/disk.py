"""Files: read within bounds, and written so that they outlive a power cut."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from edge.errors import Problem

__all__ = ["openness", "read_within", "refuse_open", "settle", "write_whole"]


def write_whole(file: Path, content: bytes) -> None:
    """Afterwards the file is as it was or as it shall be, and never in between."""
    fresh = file.with_name(f"{file.name}.new")
    with fresh.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
    settle(file.parent)


def settle(folder: Path) -> None:
    """What was made or renamed in this folder stays so."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def read_within(file: Path, most: int) -> bytes:
    """A real file of no unreasonable size: a device or a pipe has no end, and memory has one."""
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes")
    return content


def openness(file: Path, what: str) -> str:
    """In words, that everybody on this machine may read or write a file that holds a secret; else nothing."""
    try:
        mode = file.stat().st_mode & 0o777
    except OSError:
        return ""  # whoever reads it says why it cannot be read
    if not mode & 0o007:
        return ""
    return f"{file} holds {what}, and everybody on this machine may use it (mode {mode:o}). Run: chmod o= {file}"


def refuse_open(file: Path, what: str) -> None:
    """The same as a `Problem`."""
    if said := openness(file, what):
        raise Problem(said)
