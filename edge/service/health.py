"""The health of the sensor, as published. It speaks of the machine, never of the class.

Faces take time, a little each. So figures of time are coarse: nobody can be read from them.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Literal

import msgspec

from edge.service.machine import memory_mb, temperature_c, throttling

__all__ = ["Health", "encode"]


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The machine's own figures fill themselves in."""

    schema: Literal[1] = 1
    at: str = msgspec.field(default_factory=_now)
    """UTC."""
    status: Literal["starting", "running", "paused", "blind"]
    paused_by: Literal["command", "schedule"] | None
    """Who closed the camera, while it is paused."""
    camera: str
    """"ok", "waiting", or "lost: " and why."""
    clock: Literal["ok", "unsynced"]
    """Whether the times of records are known to be right."""
    uptime_seconds: int
    fps: float
    """Frames worked on a second, since the last health message; whole ones from two on."""
    detector_ms: int | None
    """What one look of the detector takes, however many a frame needs; null before the first."""
    budget_ms: int | None
    """What vision may spend on a frame; null before the first."""
    dropped_frames: int
    """Frames the camera gave and nobody had time for, since the start; in whole hundreds."""
    waiting_records: int
    """Records on their way: the broker has not acknowledged them."""
    oldest_record_seconds: int | None
    lost_records: int
    """Records dropped for want of room or for their age, or damaged on the disk; counted over restarts."""
    declined_records: int
    """Records the broker would not take; kept aside and offered again."""
    memory_mb: float = msgspec.field(default_factory=memory_mb)
    temperature_c: float | None = msgspec.field(default_factory=temperature_c)
    throttling: tuple[str, ...] | None = msgspec.field(default_factory=throttling)
    model: str
    runtime: str
    version: str
    purpose: str
    """What the sensor is used for, as configured: the law asks."""
    region: str | None
    warnings: tuple[str, ...] = ()
    """What the configuration allows and a person should know of."""
    last_error: str | None = None
    """All that is wrong now, in sentences."""


def encode(health: Health) -> bytes:
    return msgspec.json.encode(health)
