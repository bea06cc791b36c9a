"""How the sensor is, for those who watch over it: all that the loop shows of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.errors import Problem

__all__ = ["Vitals"]


@dataclass(frozen=True, slots=True)
class Vitals:
    """One moment of the sensor. Says nothing of who is in the room, and how many."""

    progress: int
    """Grows with every frame, and while paused with every glance at the clock. What a watchdog watches."""
    frames: int
    """How many were worked on."""
    dropped: int
    """How many the camera gave and nobody had time for."""
    paused_by: Literal["command", "schedule"] | None
    """Who closed the camera, if anybody did."""
    clock_good: bool
    """Whether the times of records are known to be right."""
    saw: bool
    """Whether a frame was worked on since the camera was opened."""
    camera: str
    """"ok", "waiting", or "lost: " and why; "off" while it is not used."""
    sees: bool
    """Whether the camera gives pictures, and the last one showed anything."""
    budget_ms: float | None
    """What vision may spend on a frame; None before the first."""
    model: str
    runtime: str
    note: str
    """What is not as good as it could be, in words."""
    problem: Problem | None
    """What a file held back at its end."""

    @property
    def paused(self) -> bool:
        return self.paused_by is not None
