"""Where the sensor keeps what must outlive it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["state_folder"]


def state_folder(configured: str | None, environment: Mapping[str, str]) -> Path:
    """The configured folder, else the one systemd made ($STATE_DIRECTORY), else the user's own."""
    if configured:
        return Path(configured).expanduser()
    if given := environment.get("STATE_DIRECTORY"):
        return Path(given)
    home = environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "edge-engage"
