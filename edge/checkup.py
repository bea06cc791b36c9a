"""How the sensor is, put into words: for health, for the topic `state`, and for one line of `systemctl status`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Literal

from edge.config import Site
from edge.publish import Outbox, Publisher, State
from edge.service import Health
from edge.stages import Stages
from edge.vitals import Vitals

__all__ = ["Checkup", "delivery", "state_of", "status_of", "watching"]


def state_of(vitals: Vitals) -> State | None:
    """What it does, and not what it was asked to do: it is paused once the camera is closed, and runs once it saw.

    None on the way from one to the other.
    """
    if vitals.paused:
        return "paused" if vitals.camera == "off" else None
    return "running" if vitals.saw else "starting"


def status_of(vitals: Vitals) -> Literal["starting", "running", "paused", "blind"]:
    if vitals.paused:
        return "paused"
    if vitals.sees and vitals.saw:
        return "running"
    return "blind" if vitals.saw or vitals.camera.startswith("lost") else "starting"


def watching(vitals: Vitals) -> str:
    """The first half of the status line: do frames flow?"""
    words = {
        "starting": "Waiting for the first frame.",
        "running": "Frames flow.",
        "paused": f"{'Outside lessons' if vitals.paused_by == 'schedule' else 'Paused'}: the camera is closed.",
        "blind": "Frames flow, and show nothing: it is too dark, or the lens is covered.",
    }
    return f"Camera {vitals.camera}" if vitals.camera.startswith("lost") else words[status_of(vitals)]


def delivery(publisher: Publisher | None, outbox: Outbox) -> str:
    """The other half: do records arrive?"""
    if publisher is None:
        return "No broker is configured: records are printed."
    if publisher.connected and not publisher.trouble:
        return "Records are delivered."
    waiting = f"{outbox.depth} records wait. " if outbox.depth else ""
    return waiting + (publisher.trouble or "Connecting to the broker.")


class Checkup:
    """Makes a health message of what there is to know."""

    def __init__(
        self,
        stages: Stages,
        outbox: Outbox,
        troubles: Callable[[], list[str | None]],
        *,
        site: Site,
        warnings: tuple[str, ...],
        now: float,
    ) -> None:
        """`troubles` are those that neither the camera nor the model knows of."""
        self._site = site
        self._warnings = warnings
        self._stages = stages
        self._outbox = outbox
        self._troubles = troubles
        self._began = self._told_at = now
        self._frames = 0

    def health(self, vitals: Vitals, now: float) -> Health:
        waiting = self._outbox.peek()
        fps = (vitals.frames - self._frames) / max(now - self._told_at, 1e-3)
        self._frames, self._told_at = vitals.frames, now
        return Health(
            status=status_of(vitals),
            paused_by=vitals.paused_by,
            camera=vitals.camera,
            clock="ok" if vitals.clock_good else "unsynced",
            uptime_seconds=int(now - self._began),
            fps=round(fps, 0 if fps >= 2 else 1),
            detector_ms=_whole(self._stages.milliseconds("look").get("p50")),
            budget_ms=_whole(vitals.budget_ms),
            dropped_frames=vitals.dropped // 100 * 100,
            waiting_records=self._outbox.depth,
            oldest_record_seconds=int(waiting.age) if waiting else None,
            lost_records=self._outbox.dropped,
            declined_records=self._outbox.declined,
            model=vitals.model,
            runtime=vitals.runtime,
            version=version("edge-engage"),
            purpose=self._site.purpose,
            region=self._site.region,
            warnings=self._warnings,
            last_error=self._last_error(vitals),
        )

    def _last_error(self, vitals: Vitals) -> str | None:
        """All that is wrong: a lesser trouble must not hide a greater one."""
        camera = vitals.camera.removeprefix("lost: ") if vitals.camera.startswith("lost") else None
        return " ".join(said for said in (camera, *self._troubles(), vitals.note) if said) or None


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else max(1, round(milliseconds))
