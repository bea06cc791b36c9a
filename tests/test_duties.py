"""What a room says of its machine, and how it obeys, at every turn of the loop."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from house import House
from room import shots

from edge.flow import Waiting
from edge.publish import MemoryOutbox


def test_health_is_told_at_the_start_with_the_first_frame_and_then_every_so_often() -> None:
    healths = House(shots(0.75, 40), every=10).live(39)
    assert [(health["uptime_seconds"], health["status"]) for health in healths] == [
        (0, "starting"),
        *((seconds, "running") for seconds in (0, 10, 20, 30)),
    ]


def test_health_says_blind_while_the_camera_is_lost_or_shows_nothing() -> None:
    house = House(shots(0, 30), every=1)
    house.room.at(5, lambda: setattr(house.room.camera, "state", "lost: unplugged"))
    house.room.at(10, lambda: setattr(house.room.camera, "state", "ok"))
    told = {health["uptime_seconds"]: (health["status"], health["camera"]) for health in house.live(13)}
    assert told[3] == ("running", "ok")
    assert told[7] == ("blind", "lost: unplugged")
    assert told[12] == ("running", "ok")
    assert [said.removesuffix(" Records are delivered.") for said in house.systemd.said] == [
        *("Waiting for the first frame.", "Frames flow."),
        *("Camera lost: unplugged", "Frames flow."),
    ]
    dark = House([*shots(0, 4), *shots(4, 10, dark=True)], every=1).live(9)
    assert [health["status"] for health in dark[-3:]] == ["blind"] * 3


def test_a_camera_lost_is_told_at_once() -> None:
    house = House(shots(0, 30), every=1000)
    house.room.at(5, lambda: setattr(house.room.camera, "state", "lost: unplugged"))
    healths = house.live(8)
    assert [health["camera"] for health in healths] == ["ok", "ok", "lost: unplugged"]
    assert healths[-1]["last_error"] == "unplugged"


def test_a_camera_missing_from_the_start_is_no_running_sensor_and_health_says_why() -> None:
    house = House([], every=60)
    house.room.at(0, lambda: setattr(house.room.camera, "state", "lost: There is no camera /dev/video0."))
    healths = house.live(20)
    assert house.broker.states == ["starting"]
    assert [(h["status"], h["camera"], h["last_error"]) for h in healths] == [
        ("blind", "lost: There is no camera /dev/video0.", "There is no camera /dev/video0.")
    ]
    assert house.systemd.counts[-1] == 0, "never ready"
    assert house.systemd.asked_for_time > 10


def test_the_state_is_what_the_sensor_does_and_not_what_it_was_asked() -> None:
    """Paused once the camera is closed; running once it saw something."""
    house = House(shots(0, 30), every=1000)
    seen: list[tuple[str, str, int]] = []
    said = lambda: seen.append((house.broker.states[-1], house.room.sensor.vitals().camera, house.room.given))  # noqa: E731
    house.broker.state = lambda state: (house.broker.states.append(state), said())
    house.room.at(5, lambda: house.broker.commands.append("pause"))
    house.room.at(7, lambda: house.broker.commands.append("resume"))
    house.live(9)
    assert [(state, camera) for state, camera, _ in seen] == [
        *(("starting", "ok"), ("running", "ok")),
        *(("paused", "off"), ("starting", "off"), ("running", "ok")),
    ]
    assert seen[-1][2] > seen[-2][2], "a frame was looked at before it said running"


def test_a_pause_is_kept_before_it_is_announced() -> None:
    house = House(shots(0, 30))
    house.room.at(5, lambda: house.broker.commands.append("pause"))
    house.room.at(7, lambda: house.broker.commands.append("resume"))
    house.live(9)
    assert house.pause.asked == [
        (True, ["starting", "running"]),
        (False, ["starting", "running", "paused"]),
    ]


def test_a_pause_that_will_not_survive_is_told_at_once() -> None:
    house = House(shots(0, 30), every=1000)
    house.pause.ask = lambda *, paused: setattr(house.pause, "trouble", f"The pause will not survive: {paused}.")
    house.room.at(5, lambda: house.broker.commands.append("pause"))
    assert house.live(6)[-1]["last_error"] == "The pause will not survive: True."


def test_health_is_told_anew_after_every_connection() -> None:
    house = House(shots(0, 30), every=1000)
    house.room.at(9, lambda: setattr(house.broker, "connections", 2))
    assert [health["uptime_seconds"] for health in house.live(11)] == [0, 0, 9]


def test_one_line_tells_systemd_whether_frames_flow_and_whether_records_arrive() -> None:
    outbox = MemoryOutbox()
    house = House(shots(0, 30), outbox=outbox)
    refused = 'The broker does not let user "r" publish to edge-engage/v1/s/r/engagement: Not authorized.'
    house.room.at(2, lambda: (setattr(house.broker, "trouble", refused), outbox.put(b"1"), outbox.put(b"2")))
    house.room.at(4, lambda: setattr(house.broker, "connected", False))
    house.room.at(5, lambda: setattr(house.broker, "trouble", None))
    house.room.at(6, lambda: setattr(house.broker, "connected", True))
    house.room.at(8, lambda: house.broker.commands.append("pause"))
    house.live(10)
    assert house.systemd.said[1:] == [
        "Frames flow. Records are delivered.",
        f"Frames flow. 2 records wait. {refused}",
        "Frames flow. 2 records wait. Connecting to the broker.",
        "Frames flow. Records are delivered.",
        "Paused: the camera is closed. Records are delivered.",
    ]


def test_of_several_commands_the_last_one_counts_and_each_is_answered_and_told_at_once() -> None:
    house = House(shots(0, 30), every=1000)
    house.room.at(5, lambda: house.broker.commands.append("pause"))
    house.room.at(7, lambda: house.broker.commands.append("resume"))
    house.room.at(9, lambda: house.broker.commands.extend(["pause", "resume", "pause"]))
    healths = house.live(11)
    assert house.broker.states == ["starting", "running", "paused", "starting", "running", "paused"]
    assert house.room.sensor.vitals().paused
    statuses = [health["status"] for health in healths]
    assert statuses[:3] == ["starting", "running", "paused"]
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
    assert len(told[0]) == 5
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
    told = [health["warnings"] for health in house.live(25)]
    assert told == [["The connection is not encrypted."]] * len(told)
    assert len(told) >= 3


def test_troubles_are_told() -> None:
    house = House(shots(0, 30))
    house.broker.trouble = "The broker cannot be reached."
    house.room.at(2, lambda: setattr(house.room.camera, "state", "lost: Unplugged."))
    assert house.live(4)[-1]["last_error"] == "Unplugged. The broker cannot be reached."
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


def test_health_tells_who_closed_the_camera_and_a_resume_outside_lessons_is_answered_with_paused() -> None:
    house = House(shots(0, 30), every=1000)
    house.room.at(5, lambda: setattr(house.room, "lesson", False))
    house.room.at(7, lambda: house.broker.commands.append("resume"))
    house.room.at(9, lambda: house.broker.commands.append("pause"))
    healths = house.live(11)
    assert house.broker.states == ["starting", "running", "paused", "paused", "paused"]
    assert [health["paused_by"] for health in healths][1:] == [None, "schedule", "schedule", "schedule", "command"]
    assert house.systemd.said[2:] == [
        "Outside lessons: the camera is closed. Records are delivered.",
        "Paused: the camera is closed. Records are delivered.",
    ]


def test_health_records_what_the_sensor_is_used_for() -> None:
    (health, *_) = House(shots(0, 5)).live(4)
    assert (health["purpose"], health["region"]) == ("safety", "DE")
