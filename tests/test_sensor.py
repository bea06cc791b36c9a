"""The loop to the frame: windows, darkness, pauses, ends of files and lost cameras, on a clock that stands still."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from room import HIGH, LOW, Room, Shot, shots

from edge.aggregate.record import Measured


def statuses(room: Room, until: float = 1e9) -> list[str]:
    return [record.status for record in room.play(until)]


def starts(room: Room) -> list[str]:
    return [record.start[11:19] for record in room.told]


# Windows


def test_a_window_is_told_with_the_first_frame_after_it() -> None:
    room = Room(shots(0, 20.25))
    heard: list[tuple[float, int]] = []
    for frames in (40, 41, 80, 81):
        room.when(lambda n=frames: room.given == n, lambda: heard.append((room.shot.at, len(room.told))))
    room.play(21)
    assert heard == [(9.75, 0), (10.0, 1), (19.75, 1), (20.0, 2)]
    assert [record.seconds for record in room.told] == [10, 10]
    assert starts(room) == ["12:00:00", "12:00:10"]


def test_a_frame_at_a_windows_end_belongs_to_the_next() -> None:
    room = Room([*shots(0, 10, level=LOW), *shots(10, 20, level=HIGH)])
    first, second = room.play(20.5)[:2]
    assert isinstance(first, Measured)
    assert isinstance(second, Measured)
    assert (first.levels.low, second.levels.high) == (1, 1)


def test_frames_are_placed_by_the_time_they_were_taken() -> None:
    """A wall clock that is set, back or forth, moves no window."""
    room = Room(shots(0, 30.25))
    room.at(4, lambda: setattr(room.time, "set_by", 7200.0)).at(14, lambda: setattr(room.time, "set_by", -7200.0))
    assert statuses(room, 31) == ["ok"] * 3
    assert starts(room) == ["14:00:00", "10:00:10", "10:00:20"]


def test_nothing_of_a_face_outlives_its_window() -> None:
    """Smoothing begins again with what is seen now, and every face is asked about anew."""
    told = Room([*shots(0, 10, level=LOW), *shots(10, 20.25, level=HIGH)]).play(21)
    assert isinstance(told[1], Measured)
    assert told[1].levels.high == 1
    room = Room([Shot(0.0), Shot(9.9), Shot(10.0)])  # the third too soon after the second to be asked about
    room.play(11)
    assert room.model.asked == 3 * 6


@pytest.mark.parametrize(("fps", "seconds"), [(1, 1), (1, 2), (0.45, 10), (0.5, 1), (4, 1)])
def test_a_slow_camera_is_not_blind(fps: float, seconds: float) -> None:
    room = Room(shots(0.3, 40, fps), seconds=seconds)
    told = room.play(38)
    assert {record.status for record in told} == {"ok"}
    assert min(record.coverage for record in told[1:]) > 0.85


def test_a_long_standstill_is_one_blind_record() -> None:
    room = Room([*shots(0, 2), *shots(100, 111)])
    room.when(lambda: room.given == 8, lambda: setattr(room.time, "passed", 100.0))
    assert statuses(room, 110.6) == ["blind", "ok"]
    assert starts(room) == ["12:00:00", "12:01:40"]


# Darkness and loss


def test_dark_time_is_not_observed() -> None:
    half = Room([*shots(0, 6), *shots(6, 10.25, dark=True)])
    record = half.play(10.5)[0]
    assert isinstance(record, Measured)
    assert record.coverage == 0.6
    assert half.eyes.forgot > 10
    assert not half.sensor.vitals().sees
    assert statuses(Room([*shots(0, 4.75), *shots(4.75, 10.25, dark=True)]), 10.5) == ["blind"]


def test_light_after_the_dark_counts_from_its_first_frame() -> None:
    record = Room([*shots(0, 4, dark=True), *shots(4, 10.25)]).play(10.5)[0]
    assert isinstance(record, Measured)
    assert record.coverage == 0.6


def test_what_was_seen_before_a_camera_was_lost_holds_for_two_seconds() -> None:
    room = Room(shots(0, 6.25))
    record, *later = room.play(40.5)
    assert isinstance(record, Measured)
    assert record.coverage == 0.8
    assert [r.status for r in later] == ["blind"] * 3
    assert starts(room) == ["12:00:00", "12:00:10", "12:00:20", "12:00:30"]


def test_a_window_ends_on_time_though_no_frame_comes() -> None:
    room = Room([Shot(0.0)])
    room.play(11)
    assert [record.status for record in room.told] == ["blind"]


# Pauses


def test_a_pause_closes_the_camera_and_says_so_once_a_window() -> None:
    room = Room(shots(0, 60)).pause(14, 35.1)
    assert statuses(room, 46) == ["ok", "paused", "paused", "ok"]
    assert starts(room) == ["12:00:00", "12:00:14", "12:00:24", "12:00:35"]
    assert (room.opened, room.closed) == (2, 2)
    assert room.must_open == [True, False]


def test_the_window_begun_before_a_pause_is_forgotten_with_all_in_it() -> None:
    room = Room([*shots(0, 9.5, level=LOW), *shots(9.5, 22, level=HIGH)]).pause(9.25, 9.6)
    forgot: list[int] = []
    room.at(9.6, lambda: forgot.append(room.eyes.forgot))
    (record,) = room.play(20.6)
    assert isinstance(record, Measured)
    assert record.start[11:19] == "12:00:10"
    assert (record.levels.high, record.coverage) == (1, 1)
    assert forgot == [1]


def test_verdicts_do_not_outlive_a_pause() -> None:
    room = Room([Shot(0.0), Shot(0.1), Shot(0.15), Shot(0.17)], media_time=True)  # too soon to be asked about again
    room.when(lambda: room.given == 2, room.sensor.pause).at(1, room.sensor.resume)
    room.play()
    assert room.model.asked == 2 * 6


def test_a_camera_absent_after_a_pause_is_waited_for_though_it_never_gave_a_frame() -> None:
    room = Room([]).pause(1, 2)
    room.play(3)
    assert room.must_open == [True, False]


def test_a_paused_file_read_as_fast_as_possible_says_so_too() -> None:
    room = Room(shots(0, 8), seconds=2, media_time=True)
    room.when(lambda: room.given == 9, room.sensor.pause).at(5, room.sensor.resume)
    assert statuses(room) == ["ok", "paused", "paused", "ok", "ok", "ok", "ok"]
    assert starts(room) == [f"12:00:{second:02}" for second in (0, 2, 4, 7, 9, 11, 13)], "though it begins anew"


def test_a_long_sleep_in_a_pause_is_one_record() -> None:
    room = Room(shots(0, 1)).pause(1, 200)
    room.at(3, lambda: setattr(room.time, "passed", 150.0))
    assert statuses(room, 165) == ["paused"] * 2


# Files


def test_a_file_ends_with_the_part_of_a_window_it_has() -> None:
    told = Room(shots(0, 13.25), media_time=True).play()
    assert [record.seconds for record in told] == [10, 3]
    assert [record.status for record in told] == ["ok", "ok"]


@pytest.mark.parametrize(("length", "told"), [(10.75, 1), (11.0, 1), (11.25, 2)])
def test_a_rest_of_less_than_a_second_says_nothing(length: float, told: int) -> None:
    assert len(Room(shots(0, length), media_time=True).play()) == told


def test_a_file_at_its_own_speed_ends_by_the_clock() -> None:
    told = Room(shots(0, 13.25), file=True).play()
    assert [record.seconds for record in told] == [10, 3]


def test_windows_of_a_file_follow_its_own_clock() -> None:
    room = Room(shots(0, 30.25, 2), media_time=True)
    assert statuses(room) == ["ok"] * 3
    assert starts(room) == ["12:00:00", "12:00:10", "12:00:20"]
    assert room.time.passed == 0


def test_it_ends_after_as_many_windows_as_were_asked_for() -> None:
    assert len(Room(shots(0, 60), media_time=True).play(windows=2)) == 2
    paused = Room(shots(0, 60)).pause(0, 1e9)
    assert len(paused.play(windows=2)) == 2
    assert paused.time.passed == 20


def test_paused_records_follow_each_other_whenever_the_clock_is_looked_at() -> None:
    room = Room(shots(0, 60), seconds=1.3).pause(0, 1e9)
    room.play(windows=4)
    assert starts(room) == ["12:00:00", "12:00:01", "12:00:02", "12:00:03"]


# The face to the outside


def test_vitals_tell_what_is_true_at_the_moment() -> None:
    room = Room(shots(0, 30)).pause(5, 6.1)
    seen = {}
    for moment in (1, 5.5, 7):
        room.at(moment, lambda moment=moment: seen.setdefault(moment, room.sensor.vitals()))
    room.at(8, lambda: setattr(room.camera, "state", "lost: unplugged"))
    room.at(8.1, lambda: seen.setdefault(8, room.sensor.vitals()))
    room.at(4, lambda: setattr(room.camera, "dropped", 7))
    room.when(lambda: True, lambda: seen.setdefault(0, room.sensor.vitals()))
    room.play(9)
    assert not seen[0].sees, "no picture was looked at yet"
    assert (seen[1].camera, seen[1].sees, seen[1].paused, seen[1].frames) == ("ok", True, False, 5)
    assert (seen[5.5].camera, seen[5.5].sees, seen[5.5].paused) == ("off", False, True)
    assert seen[1].progress == seen[1].frames
    assert seen[5.5].progress == seen[5.5].frames + 1, "a pause is no hang: one glance at the clock"
    assert (seen[8].camera, seen[8].sees) == ("lost: unplugged", False)
    assert (seen[5.5].dropped, seen[7].dropped) == (7, 7), "counted over pauses"
    assert (seen[1].model, seen[1].runtime, seen[1].budget_ms) == ("m@12345678", "none", 12.3)


def test_faces_found_are_counted_for_measurements() -> None:
    room = Room(shots(0, 2, faces=3))
    room.play(3)
    assert room.sensor.faces == 3 * 8


def test_what_a_file_held_back_is_kept() -> None:
    room = Room(shots(0, 1), media_time=True)
    room.at(0, lambda: setattr(room.camera, "problem", "truncated"))
    room.play()
    assert room.sensor.vitals().problem == "truncated"


def test_orientation_is_told_only_when_asked_for() -> None:
    told = Room(shots(0, 11), orientation=True).play(11)[0]
    assert told.orientation.front == 1
    assert not isinstance(Room(shots(0, 11)).play(11)[0].orientation, type(told.orientation))


def test_a_look_is_timed_by_itself() -> None:
    room = Room(shots(0, 2))
    room.play(3)
    assert room.stages.milliseconds("look")["p50"] == pytest.approx(10)
    assert room.stages.milliseconds("detect")["p50"] == pytest.approx(30)
    assert room.stages.milliseconds("track")["p50"] == pytest.approx(1)


def test_a_signal_at_any_moment_of_a_pause_ends_it() -> None:
    """A handler runs between two steps of the very loop it interrupts: no step may hold a lock the handler wants."""

    def paused(stop_at: int) -> int:
        room = Room([])
        room.sensor.pause()
        steps = 0

        def interrupt(*_: object) -> object:
            nonlocal steps
            steps += 1
            if steps == stop_at:
                room.sensor.stop()
            return interrupt

        def run() -> None:
            sys.settrace(interrupt)
            room.play(3)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(30)
        assert not thread.is_alive(), f"hangs when stopped at step {stop_at}"
        return steps

    for step in range(1, min(paused(0), 400), 3):
        paused(step)


def test_numbers_of_a_broken_model_reach_no_record() -> None:
    for nonsense in (np.full(3, np.nan), np.zeros(3) + np.nan):
        (record,) = Room(shots(0, 10.25, level=nonsense)).play(10.5)
        assert record.status == "suppressed"
