"""Whether somebody asked for a pause: kept over restarts and power cuts, because people rely on it."""

from __future__ import annotations

import logging
from pathlib import Path

from edge.disk import settle, write_whole

__all__ = ["Pause"]

_log = logging.getLogger(__name__)


class Pause:
    """One empty file in the state folder, there while a pause is asked for: a full disk mostly has room for that."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "paused"
        self.trouble: str | None = None
        """Why what was asked for last holds for this run only; None while it would survive."""
        try:
            self.asked = self.file.exists()
        except OSError as error:
            # Nobody is watched because of a disk's fault.
            self.asked = True
            self._complain(f"Paused, because {self.file} does not tell whether it should be: {error.strerror}.")

    def ask(self, *, paused: bool) -> None:
        """On the disk when this returns, or `trouble` says why not."""
        self.asked = paused
        try:
            if paused != self.file.exists():
                self._keep(paused=paused)
        except OSError as error:
            word = "pause" if paused else "resume"
            self._complain(f"The {word} will not survive a restart: {self.file} cannot be kept: {error.strerror}.")
        else:
            self.trouble = None

    def _keep(self, *, paused: bool) -> None:
        if paused:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.file, b"")
        else:
            self.file.unlink()
            settle(self.file.parent)

    def _complain(self, trouble: str) -> None:
        self.trouble = trouble
        _log.warning(trouble)
