"""One sensor holds a state folder: a second one there would give the same numbers to other records."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge.errors import Problem

__all__ = ["hold", "holder"]

_log = logging.getLogger(__name__)
_LOCK = "lock"
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""What a disk may come to while nobody is there to mend it. Everything else is somebody's mistake."""


@contextmanager
def hold(folder: Path) -> Generator[None]:
    """Make the folder if need be, and keep others out. The system lets go when this process ends, however it ends.

    A folder that cannot be made, or that another sensor holds, is a `Problem`. A disk that is full, read-only or
    broken is none: the sensor works without it, and the spool says so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = _opened(folder / _LOCK)
    except OSError as error:
        if error.errno not in _DISK and not folder.is_dir():
            raise _unusable(folder, error) from None
        _log.warning("The state folder %s cannot be held: %s.", folder, error.strerror)
        yield
        return
    try:
        _lock(held, folder)
        yield
    finally:
        os.close(held)


def holder(folder: Path) -> str:
    """The process of the sensor that holds a folder, or "" when none does or nobody may know."""
    try:
        asked = os.open(folder / _LOCK, os.O_RDONLY)
    except OSError:
        return ""
    try:
        fcntl.flock(asked, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named(asked)
    except OSError:
        return ""
    finally:
        os.close(asked)
    return ""


def _named(lock: int) -> str:
    return os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"


def _opened(lock: Path) -> int:
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        # On a disk that became read-only, enough to hold it by.
        if lock.exists():
            return os.open(lock, os.O_RDONLY)
        raise error from None


def _lock(held: int, folder: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Problem(
            f"The state folder {folder} is in use by another sensor (process {_named(held)}). "
            "Stop that one, or give this one a folder of its own with service.state_dir."
        ) from None
    except OSError as error:
        raise _unusable(folder, error) from None
    # Who holds it is a help to people only: a full disk has no room for it.
    with suppress(OSError):
        os.ftruncate(held, 0)
        os.write(held, f"{os.getpid()}\n".encode())


def _unusable(folder: Path, error: OSError) -> Problem:
    return Problem(
        f"The state folder {folder} cannot be used: {error.strerror}. "
        "Make it writable, or name another with service.state_dir."
    )
