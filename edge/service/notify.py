"""Telling systemd that frames flow. Nothing else makes the unit ready, and nothing else feeds its watchdog."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import MutableMapping

__all__ = ["Notifier"]


class Notifier:
    """Does nothing when not started by systemd with Type=notify.

    notifier = Notifier(os.environ)
    while ...:                      # the sensor's loop
        notifier.progress(sensor.progress)
    notifier.stopping()
    """

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        """Takes systemd's variables out of `environment`, so that no child process speaks for the sensor."""
        self._address = environment.pop("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        microseconds = int(environment.pop("WATCHDOG_USEC", "0"))
        watched = environment.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        # systemd advises half of its patience; a quarter leaves room for one slow frame.
        self._every = microseconds / 4e6 if watched else 0.0
        self._fed_at = 0.0
        self._seen = 0

    def progress(self, count: int) -> None:
        """Call often with a count that grows when frames are worked on; a count that stands still feeds nothing."""
        if count <= self._seen:
            return
        if self._seen == 0:
            self._tell("READY=1\nSTATUS=Frames flow.")
        self._seen = count
        now = time.monotonic()
        if self._every and now >= self._fed_at + self._every:
            self._tell("WATCHDOG=1")
            self._fed_at = now

    def status(self, words: str) -> None:
        """One line for `systemctl status`."""
        self._tell(f"STATUS={words}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if self._address:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                try:
                    channel.sendto(message.encode(), self._address)
                except OSError:
                    # systemd restarts itself now and then; the next message finds it again.
                    return
