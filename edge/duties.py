"""What the loop owes the outside at every turn: feed the watchdog, obey commands, say what it does and how it is."""

from __future__ import annotations

import logging

from edge.checkup import Checkup, delivery, state_of, status_of, watching
from edge.config import Site
from edge.publish import Outbox, Publisher
from edge.sensor import Sensor
from edge.service import Notifier, Pause, encode
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
        pause: Pause,
        *,
        every: float,
        clock: Clock,
        site: Site,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._sensor = sensor
        self._notifier = notifier
        self._publisher = publisher
        self._outbox = outbox
        self._pause = pause
        self._every = every
        self._clock = clock
        self._checkup = Checkup(stages, outbox, self._troubles, site=site, warnings=warnings, now=clock.monotonic())
        self._camera = self._state = ""
        self._told: tuple[object, ...] = ()
        """What was true when health was told last; whatever else is true now is told at once."""
        self._due = 0.0

    def __call__(self) -> None:
        if self._publisher:
            self._obey(self._publisher)
        vitals = self._sensor.vitals()
        self._watch_camera(vitals)
        self._notifier.status(f"{watching(vitals)} {delivery(self._publisher, self._outbox)}")
        self._notifier.progress(vitals.progress)
        if self._publisher:
            self._tell(vitals, self._publisher)

    def _obey(self, publisher: Publisher) -> None:
        """Of several commands the last one counts."""
        last = None
        while command := publisher.command():
            last = command
        if last is None:
            return
        if last == "pause":
            self._sensor.pause()
        self._pause.ask(paused=last == "pause")
        if last == "resume":
            self._sensor.resume()
        _log.info("%s on command.", "Paused" if last == "pause" else "Running")
        self._state = ""  # said again, as the answer
        self._due = 0.0

    def _watch_camera(self, vitals: Vitals) -> None:
        if vitals.camera.startswith("lost"):
            if vitals.camera != self._camera:
                _log.warning("Camera %s", vitals.camera)
            self._notifier.waiting()
        elif self._camera.startswith("lost") and vitals.camera == "ok":
            _log.info("The camera is back.")
        self._camera = vitals.camera

    def _tell(self, vitals: Vitals, publisher: Publisher) -> None:
        state, now = state_of(vitals), self._clock.monotonic()
        if state and state != self._state:
            publisher.state(state)
            self._state = state
        true = (
            status_of(vitals),
            vitals.paused_by,
            vitals.camera,
            vitals.clock_good,
            state,
            self._pause.trouble,
            publisher.connections,
        )
        if now >= self._due or true != self._told:
            publisher.health(encode(self._checkup.health(vitals, now)))
            self._told, self._due = true, now + self._every

    def _troubles(self) -> list[str | None]:
        return [self._pause.trouble, self._publisher.trouble if self._publisher else None, self._outbox.trouble]
