"""Signals that mean: finish what you are at, and leave."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

__all__ = ["on_stop_signal"]

_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def on_stop_signal(stop: Callable[[], None]) -> None:
    """Call `stop` on the first SIGTERM, SIGINT (Ctrl-C) or SIGHUP (closed terminal); a second one kills.

    `stop` interrupts the main thread wherever it is: it must wait for no lock, an event's among them.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        for number in _STOP:
            signal.signal(number, signal.SIG_DFL)
        stop()

    for number in _STOP:
        signal.signal(number, handle)
