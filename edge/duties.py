"""What the loop owes the outside at every turn: feed the watchdog, obey commands, say how it is."""

from __future__ import annotations

import logging
from importlib.metadata import version

from edge.publish import Outbox, Publisher
from edge.sensor import Sensor
from edge.service import Health, Notifier, encode
from edge.stages import Stages
from edge.timeline import Clock
from edge.vitals import Vitals

__all__ = ["Duties"]

_log = logging.getLogger(__name__)


class Duties:
    def __init__(
        self,
        sensor: Sensor,
        stages: Stages,
        notifier: Notifier,
        publisher: Publisher | None,
        outbox: Outbox,
        *,
        every: float,
        clock: Clock,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._sensor = sensor
        self._stages = stages
        self._notifier = notifier
        self._publisher = publisher
        self._outbox = outbox
        self._every = every
        self._clock = clock
        self._warnings = warnings
        self._began = self._told_at = clock.monotonic()
        self._frames = 0
        self._due = 0.0
        """Health is due: as soon as frames flow, then every so often."""
        self._camera = ""

    def __call__(self) -> None:
        vitals = self._sensor.vitals()
        self._notifier.progress(vitals.progress)
        self._watch_camera(vitals.camera)
        if self._publisher:
            self._obey(self._publisher)
            vitals = self._sensor.vitals()
            if vitals.frames and self._clock.monotonic() >= self._due:
                self._publisher.health(encode(self._health(vitals, self._publisher)))
                self._due = self._clock.monotonic() + self._every

    def _obey(self, publisher: Publisher) -> None:
        while command := publisher.command():
            if command == "pause":
                self._sensor.pause()
            else:
                self._sensor.resume()
            _log.info("%s on command.", "Paused" if command == "pause" else "Running")
            publisher.state("paused" if command == "pause" else "running")
            self._due = 0.0

    def _watch_camera(self, camera: str) -> None:
        if camera == self._camera:
            return
        if camera.startswith("lost"):
            _log.warning("Camera %s", camera)
            self._notifier.status(f"Camera {camera}")
        elif self._camera.startswith("lost"):
            _log.info("The camera is back.")
            self._notifier.status("Frames flow.")
        self._camera = camera
        self._due = 0.0

    def _health(self, vitals: Vitals, publisher: Publisher) -> Health:
        now = self._clock.monotonic()
        waiting = self._outbox.peek()
        fps = (vitals.frames - self._frames) / max(now - self._told_at, 1e-3)
        self._frames, self._told_at = vitals.frames, now
        return Health(
            status="paused" if vitals.paused else "running" if vitals.sees else "blind",
            camera=vitals.camera,
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
            warnings=self._warnings,
            last_error=" ".join(filter(None, (publisher.trouble, self._outbox.trouble, vitals.note))) or None,
        )


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else max(1, round(milliseconds))
