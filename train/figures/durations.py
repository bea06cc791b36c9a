"""Seconds in words."""

from __future__ import annotations

__all__ = ["duration"]


def duration(seconds: float) -> str:
    """For people: `under a minute`, `40 min`, `3 h 20 min`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "under a minute"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
