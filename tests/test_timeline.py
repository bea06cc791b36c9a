"""Moments that never go back, and the wall clock's name for them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from room import BOOTED, DARK, Time

from edge.flow import Frame
from edge.timeline import Timeline


def frame(at: float) -> Frame:
    return Frame(DARK, at, 1)


def test_a_cameras_moments_are_the_machines() -> None:
    time = Time()
    line = Timeline(time.clock, media=False)
    line.begin()
    time.passed = 3
    assert line.now() == BOOTED + 3
    assert line.at(frame(BOOTED + 4)) == BOOTED + 4
    assert line.now() == BOOTED + 4, "a frame never lies in the future for long"
    assert line.pause(2) == BOOTED + 5
    line.begin()
    assert line.at(frame(BOOTED + 6)) == BOOTED + 6


def test_no_moment_comes_before_one_that_was() -> None:
    time = Time()
    line = Timeline(time.clock, media=False)
    assert [line.at(frame(BOOTED + at)) - BOOTED for at in (5, 4, 6)] == [5, 5, 6]


def test_a_files_moments_are_its_own_and_go_on_over_a_pause() -> None:
    time = Time()
    line = Timeline(time.clock, media=True)
    line.begin()
    assert (line.at(frame(0)), line.at(frame(7))) == (0, 7)
    time.passed = 100
    assert line.now() == 7
    assert line.pause(2.5) == 9.5
    assert line.pause(0.5) == 10
    line.begin()
    assert (line.at(frame(0)), line.at(frame(1))) == (10, 11)


def test_utc_is_what_the_wall_clock_says_now_of_a_cameras_moment() -> None:
    time = Time()
    line = Timeline(time.clock, media=False)
    time.passed, time.set_by = 65, 3600
    assert line.check() is None
    assert line.utc(BOOTED + 5) == "2026-11-25T13:00:05Z"


def test_utc_of_a_file_begins_with_the_program() -> None:
    time = Time()
    line = Timeline(time.clock, media=True)
    time.passed, time.set_by = 65, 3600
    line.check()
    assert line.utc(5) == "2026-11-25T12:00:05Z"


def test_a_clock_that_is_not_known_to_be_right_moves_nothing_until_it_is() -> None:
    time = Time()
    time.good = False
    line = Timeline(time.clock, media=False)
    time.set_by = 3600.0  # somebody's guess
    assert line.check() is None
    assert (line.utc(BOOTED), line.good) == ("2026-11-25T12:00:00Z", False)
    time.set_by, time.good = 7200.0, True
    assert line.check() == 7200
    assert (line.utc(BOOTED), line.good) == ("2026-11-25T14:00:00Z", True)
    assert line.check() is None, "it is found once"
    time.good = False  # set by hand: the kernel takes its word back
    time.set_by = 0.0
    line.check()
    assert line.utc(BOOTED) == "2026-11-25T14:00:00Z"


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), max_size=30), st.sampled_from([1, 2, 10]))
def test_whatever_an_unknown_clock_does_windows_follow_on_one_another(
    jumps: list[tuple[float, bool]], length: int
) -> None:
    """And where it is known, a hundredth of a second between two clocks makes no window come twice."""
    time = Time()
    time.good = False
    line = Timeline(time.clock, media=False)
    starts = []
    for number, (jump, good) in enumerate(jumps):
        time.passed = number * length
        time.good, time.set_by = (True, jump % 0.01) if good else (False, jump)
        line.check()
        starts.append(line.utc(BOOTED + number * length)[11:])
        if time.good:
            break
    for number in range(len(starts), len(starts) + 5):
        time.passed, time.set_by = number * length, -0.01 * (number % 2)
        line.check()
        starts.append(line.utc(BOOTED + number * length)[11:])
    assert starts == sorted(set(starts))
