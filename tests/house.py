"""A room with its duties done at every turn, for a broker, a systemd and a disk that note what they are told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from room import Room, Shot

from edge.config import Site
from edge.duties import Duties
from edge.publish import MemoryOutbox
from edge.service import Notifier

__all__ = ["House"]


@dataclass
class Broker:
    """Hears what is published, and gives the commands it has."""

    commands: list[str] = field(default_factory=list)
    healths: list[dict] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    trouble: str | None = None
    connected: bool = True
    connections: int = 1

    def command(self) -> str | None:
        return self.commands.pop(0) if self.commands else None

    def health(self, figures: bytes) -> None:
        self.healths.append(json.loads(figures))

    def state(self, state: str) -> None:
        self.states.append(state)


class Systemd(Notifier):
    def __init__(self) -> None:
        super().__init__({})
        self.said: list[str] = []
        self.counts: list[int] = []
        self.asked_for_time = 0

    def _tell(self, message: str) -> None:
        if message.startswith("STATUS="):
            self.said.append(message.removeprefix("STATUS="))

    def waiting(self) -> None:
        self.asked_for_time += 1

    def progress(self, count: int) -> None:
        self.counts.append(count)


class Remembered:
    """In place of the pause on the disk. Notes what had been announced when it was asked."""

    trouble: str | None = None

    def __init__(self, house: House) -> None:
        self._house = house
        self.asked: list[tuple[bool, list[str]]] = []

    def ask(self, *, paused: bool) -> None:
        self.asked.append((paused, list(self._house.broker.states)))


class House:
    """A room, with its duties done at every turn."""

    def __init__(
        self,
        script: list[Shot],
        *,
        every: float = 60,
        outbox: object = None,
        warnings: tuple[str, ...] = (),
        **settings: object,
    ) -> None:
        self.room = Room(script, **settings)
        self.broker, self.systemd, self.pause = Broker(), Systemd(), Remembered(self)
        self._duties = Duties(
            self.room.sensor,
            self.room.stages,
            self.systemd,
            self.broker,
            outbox or MemoryOutbox(),
            self.pause,
            every=every,
            site=Site(region="DE", purpose="safety"),
            clock=self.room.time.clock,
            warnings=warnings,
        )

    def live(self, until: float) -> list[dict]:
        self.room.play(until, each_turn=self._duties)
        return self.broker.healths
