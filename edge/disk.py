"""What must outlive a power cut."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["settle", "write_whole"]


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
