"""Moments that never go back, and the wall clock's name for them."""

from __future__ import annotations

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
    assert line.utc(BOOTED + 5) == "2026-11-25T13:00:05Z"


def test_utc_of_a_file_begins_with_the_program() -> None:
    time = Time()
    line = Timeline(time.clock, media=True)
    time.passed, time.set_by = 65, 3600
    assert line.utc(5) == "2026-11-25T12:00:05Z"
