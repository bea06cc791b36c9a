"""Lessons only: when the loop opens the camera, and when no command does."""

from __future__ import annotations

from room import Room, shots


def statuses(room: Room, until: float) -> list[str]:
    return [record.status for record in room.play(until)]


def test_outside_lessons_the_camera_is_closed_and_it_is_a_pause() -> None:
    room = Room(shots(0, 80))
    room.at(20, lambda: setattr(room, "lesson", False)).at(45, lambda: setattr(room, "lesson", True))
    assert statuses(room, 66) == ["ok", "ok", "paused", "paused", "ok", "ok"]
    assert (room.opened, room.closed) == (2, 2)


def test_a_pause_on_command_outlasts_the_lessons_and_no_command_opens_the_camera_outside_of_them() -> None:
    room = Room(shots(0, 120))
    by: dict[float, str | None] = {}
    for moment, act in (
        (10, room.sensor.pause),
        (20, lambda: setattr(room, "lesson", False)),
        (40, lambda: setattr(room, "lesson", True)),
        (60, lambda: setattr(room, "lesson", False)),
        (70, room.sensor.resume),
        (90, lambda: setattr(room, "lesson", True)),
    ):
        room.at(moment, act)
        room.at(moment + 2, lambda moment=moment: by.setdefault(moment, room.sensor.vitals().paused_by))
    room.play(95)
    assert by == {10: "command", 20: "command", 40: "command", 60: "command", 70: "schedule", 90: None}
    assert room.opened == 2, "at the start, and in the lesson after the resume"


def test_a_sensor_started_outside_lessons_does_not_open_its_camera() -> None:
    room = Room(shots(0, 60))
    room.lesson = False
    assert statuses(room, 21) == ["paused", "paused"]
    assert room.opened == 0
