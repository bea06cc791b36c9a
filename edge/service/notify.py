"""Telling systemd that frames flow: that makes the unit ready and feeds its watchdog. A pause does, too."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import MutableMapping

__all__ = ["Notifier"]

_PATIENCE = 90  # seconds that systemd waits once more for the first frame


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
        self._fed_at = self._asked_at = 0.0
        self._seen = 0
        self._said = ""

    def progress(self, count: int) -> None:
        """Call often with a count that grows when frames are worked on; a count that stands still feeds nothing."""
        if count <= self._seen:
            return
        if self._seen == 0:
            self._tell("READY=1")
        self._seen = count
        now = time.monotonic()
        if self._every and now >= self._fed_at + self._every:
            self._tell("WATCHDOG=1")
            self._fed_at = now

    def waiting(self) -> None:
        """Call often while a camera is not there but looked for: systemd does not give up on the start."""
        now = time.monotonic()
        if self._seen == 0 and now >= self._asked_at + _PATIENCE / 4:
            self._tell(f"EXTEND_TIMEOUT_USEC={_PATIENCE * 10**6}")
            self._asked_at = now

    def status(self, words: str) -> None:
        """One line for `systemctl status`, sent when it has changed."""
        line = " ".join(words.split())
        if line != self._said:
            self._tell(f"STATUS={line}")
            self._said = line

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
