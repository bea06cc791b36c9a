"""What the loop owes the outside at every turn: feed the watchdog, obey commands, say how it is."""

from __future__ import annotations

import logging
import time
from importlib.metadata import version

from edge.publish import Outbox, Publisher
from edge.sensor import Sensor
from edge.service import Health, Notifier, encode

__all__ = ["Duties"]

_log = logging.getLogger(__name__)


class Duties:
    def __init__(
        self, sensor: Sensor, notifier: Notifier, publisher: Publisher | None, outbox: Outbox, *, every: float
    ) -> None:
        self._sensor = sensor
        self._notifier = notifier
        self._publisher = publisher
        self._outbox = outbox
        self._every = every
        self._began = self._told_at = time.monotonic()
        self._frames = 0
        self._due = 0.0
        """Health is due: as soon as frames flow, then every so often."""
        self._camera_state = ""

    def __call__(self) -> None:
        self._notifier.progress(self._sensor.progress)
        self._watch_camera()
        if self._publisher:
            self._obey(self._publisher)
            if self._sensor.frames and time.monotonic() >= self._due:
                self._publisher.health(encode(self._health(self._publisher)))
                self._due = time.monotonic() + self._every

    def _obey(self, publisher: Publisher) -> None:
        while command := publisher.command():
            if command == "pause":
                self._sensor.pause()
            else:
                self._sensor.resume()
            _log.info("%s on command.", "Paused" if self._sensor.paused else "Running")
            publisher.state("paused" if self._sensor.paused else "running")
            self._due = 0.0

    def _watch_camera(self) -> None:
        state = self._sensor.camera.state if self._sensor.camera else "off"
        if state == self._camera_state:
            return
        if state.startswith("lost"):
            _log.warning("Camera %s", state)
            self._notifier.status(f"Camera {state}")
        elif self._camera_state.startswith("lost"):
            _log.info("The camera is back.")
            self._notifier.status("Frames flow.")
        self._camera_state = state
        self._due = 0.0

    def _health(self, publisher: Publisher) -> Health:
        sensor, camera, now = self._sensor, self._sensor.camera, time.monotonic()
        waiting = self._outbox.peek()
        fps = (sensor.frames - self._frames) / max(now - self._told_at, 1e-3)
        self._frames, self._told_at = sensor.frames, now
        return Health(
            status="paused" if sensor.paused else "running" if sensor.sees else "blind",
            camera=camera.state if camera else "off",
            uptime_seconds=int(now - self._began),
            fps=round(fps, 1),
            detector_ms=sensor.stages.milliseconds("detect").get("p50"),
            budget_ms=sensor.vision.budget_ms and round(sensor.vision.budget_ms, 1),
            pictures=sensor.vision.pictures,
            dropped_frames=camera.dropped if camera else 0,
            waiting_records=self._outbox.depth,
            oldest_record_seconds=int(now - waiting.since) if waiting else None,
            lost_records=self._outbox.dropped,
            model=sensor.model,
            runtime=sensor.runtime,
            version=version("edge-engage"),
            last_error=publisher.trouble or sensor.note or None,
        )
