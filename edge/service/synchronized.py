"""Whether the machine's clock is known to be right: whoever keeps it (timesyncd, chrony, ntpd) tells the kernel."""

from __future__ import annotations

import ctypes
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["Synchronized", "by_kernel"]

_MARK = Path("/run/systemd/timesync/synchronized")
_UNSYNCHRONIZED = 5  # TIME_ERROR
_EVERY = 60.0  # seconds between two questions to systemd
_ROOM = 512  # bytes; struct timex has 208


def by_kernel() -> bool | None:
    """The kernel's own word; None where it may not be asked, as in the shipped unit (ProtectClock)."""
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_ROOM))
    return None if answer < 0 else answer != _UNSYNCHRONIZED


def _by_systemd() -> bool:
    """systemd may ask the kernel, whoever keeps the clock."""
    words = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
    try:
        said = subprocess.run(words, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603 - words of our own
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.strip() == "yes"


class Synchronized:
    """Asked for every record. Once systemd has said yes, it is believed."""

    def __init__(
        self,
        kernel: Callable[[], bool | None] = by_kernel,
        systemd: Callable[[], bool] = _by_systemd,
        mark: Path = _MARK,
    ) -> None:
        self._kernel = kernel
        self._systemd = systemd
        self._mark = mark
        self._said = False
        self._asked = -_EVERY

    def __call__(self) -> bool:
        known = self._kernel()
        if known is not None:
            return known
        now = time.monotonic()
        if not self._said and now >= self._asked + _EVERY:
            self._asked = now
            self._said = self._mark.exists() or self._systemd()
        return self._said
