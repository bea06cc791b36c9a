"""What a room says of its machine, and how it obeys, at every turn of the loop."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from room import Room, Shot, shots

from edge.duties import Duties
from edge.flow import Waiting
from edge.publish import MemoryOutbox
from edge.service import Notifier


@dataclass
class Broker:
    """Hears what is published, and gives the commands it has."""

    commands: list[str] = field(default_factory=list)
    healths: list[dict] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    trouble: str | None = None

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

    def status(self, words: str) -> None:
        self.said.append(words)

    def progress(self, count: int) -> None:
        self.counts.append(count)


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
        self.broker, self.systemd = Broker(), Systemd()
        self._duties = Duties(
            self.room.sensor,
            self.room.stages,
            self.systemd,
            self.broker,
            outbox or MemoryOutbox(),
            every=every,
            clock=self.room.time.clock,
            warnings=warnings,
        )

    def live(self, until: float) -> list[dict]:
        self.room.play(until, each_turn=self._duties)
        return self.broker.healths


def test_health_is_told_with_the_first_frame_and_then_every_so_often() -> None:
    healths = House(shots(0.75, 40), every=10).live(39)
    assert [health["uptime_seconds"] for health in healths] == [0, 10, 20, 30]


def test_health_says_blind_while_the_camera_is_lost_or_shows_nothing() -> None:
    house = House(shots(0, 30), every=1)
    house.room.at(5, lambda: setattr(house.room.camera, "state", "lost: unplugged"))
    house.room.at(10, lambda: setattr(house.room.camera, "state", "ok"))
    told = {health["uptime_seconds"]: (health["status"], health["camera"]) for health in house.live(13)}
    assert told[3] == ("running", "ok")
    assert told[7] == ("blind", "lost: unplugged")
    assert told[12] == ("running", "ok")
    assert house.systemd.said == ["Camera lost: unplugged", "Frames flow."]
    dark = House([*shots(0, 4), *shots(4, 10, dark=True)], every=1).live(9)
    assert [health["status"] for health in dark[-3:]] == ["blind"] * 3


def test_a_camera_lost_is_told_at_once() -> None:
    house = House(shots(0, 30), every=1000)
    house.room.at(5, lambda: setattr(house.room.camera, "state", "lost: unplugged"))
    assert [health["camera"] for health in house.live(8)] == ["ok", "lost: unplugged"]


def test_commands_are_obeyed_in_order_answered_and_told_at_once() -> None:
    house = House(shots(0, 30), every=1000)
    house.room.at(5, lambda: house.broker.commands.append("pause"))
    house.room.at(7, lambda: house.broker.commands.append("resume"))
    house.room.at(9, lambda: house.broker.commands.extend(["pause", "resume", "pause"]))
    healths = house.live(11)
    assert house.broker.states == ["paused", "running", "paused", "running", "paused"]
    assert house.room.sensor.vitals().paused
    statuses = [health["status"] for health in healths]
    assert statuses[:2] == ["running", "paused"]
    assert statuses[-1] == "paused"
    assert {health["camera"] for health in healths if health["status"] == "paused"} <= {"ok", "off"}


def test_the_watchdog_sees_progress_in_a_pause_too() -> None:
    house = House(shots(0, 30))
    house.room.pause(2, 1e9)
    house.live(5)
    assert house.systemd.counts == sorted(house.systemd.counts)
    assert house.systemd.counts[-1] > house.room.sensor.vitals().frames


def test_health_is_the_same_whoever_sits_there() -> None:
    """Nobody, one, a full class; moving, or so still that vision takes them for pictures."""
    told = []
    for faces in (0, 1, 4, 5, 30):
        healths = House(shots(0, 31, faces=faces), every=10).live(30.5)
        told.append([{k: v for k, v in health.items() if k not in {"at", "memory_mb"}} for health in healths])
    assert len(told[0]) == 4
    assert all(healths == told[0] for healths in told[1:])


def test_no_field_of_health_counts_faces() -> None:
    (health, *_) = House(shots(0, 5)).live(4)
    assert not {"pictures", "faces", "tracks", "people", "seats"} & health.keys()


@pytest.mark.parametrize(("fps", "told"), [(15, 15), (14.6, 15), (2.4, 2), (1.25, 1.2)])
def test_frames_a_second_are_told_in_whole_ones_from_two_on(fps: float, told: float) -> None:
    assert House(shots(0.01, 61, fps), every=60).live(60.6)[-1]["fps"] == told


def test_what_frames_cost_is_told_coarsely() -> None:
    house = House(shots(0, 31), every=10)
    house.room.at(1, lambda: setattr(house.room.camera, "dropped", 299))
    last = house.live(30.5)[-1]
    assert last["dropped_frames"] == 200
    assert last["detector_ms"] == 10, "of one look, of which a frame here takes three"
    assert last["budget_ms"] == 12
    fast = House(shots(0, 5))
    fast.room.eyes.budget_ms = 0.2
    assert fast.live(4)[-1]["budget_ms"] == 1
    fresh = House(shots(0, 5, dark=True))
    fresh.room.eyes.budget_ms = None
    assert (fresh.live(4)[0]["detector_ms"], fresh.broker.healths[0]["budget_ms"]) == (None, None)


def test_records_that_wait_that_were_lost_and_that_were_declined_are_told() -> None:
    waiting = SimpleNamespace(depth=2, dropped=3, declined=4, trouble=None, peek=lambda: Waiting(0, b"", age=20.4))
    health = House(shots(0, 5), outbox=waiting).live(4)[0]
    assert (health["waiting_records"], health["oldest_record_seconds"]) == (2, 20)
    assert (health["lost_records"], health["declined_records"]) == (3, 4)
    assert House(shots(0, 5)).live(4)[0]["oldest_record_seconds"] is None


def test_what_the_configuration_allows_is_told_in_every_health_message() -> None:
    house = House(shots(0, 30), every=10, warnings=("The connection is not encrypted.",))
    assert [health["warnings"] for health in house.live(25)] == [["The connection is not encrypted."]] * 3


def test_troubles_are_told() -> None:
    house = House(shots(0, 30))
    house.broker.trouble = "The broker cannot be reached."
    assert house.live(4)[-1]["last_error"] == "The broker cannot be reached."
    full = House(
        shots(0, 30),
        outbox=SimpleNamespace(depth=0, dropped=0, declined=0, peek=lambda: None, trouble="The disk is full."),
    )
    full.broker.trouble = "The broker cannot be reached."
    assert full.live(4)[-1]["last_error"] == "The broker cannot be reached. The disk is full."
    noted = House(shots(0, 30))
    noted.room.model.note = "EdgeTPU not used"
    assert noted.live(4)[-1]["last_error"] == "EdgeTPU not used"
    assert House(shots(0, 30)).live(4)[-1]["last_error"] is None
