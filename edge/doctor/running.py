"""Whether a sensor holds the state folder."""

from __future__ import annotations

import fcntl
from pathlib import Path

__all__ = ["running"]


def running(folder: Path) -> str:
    """Its process, or "" when none runs or nobody may know."""
    try:
        with (folder / "lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return lock.read(20).decode("ascii", "replace").strip() or "unknown"
    except OSError:
        return ""
    return ""
