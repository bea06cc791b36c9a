"""Lessons to the minute, on ordinary days and on those the clock is changed."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from edge.errors import Problem
from edge.timetable import parse

SCHOOL = "Mon-Fri 08:00-12:30 13:30-16:00; Sat 09:00-12:00"


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(
    ("moment", "lesson"),
    [
        ("2026-11-25 07:59:59", False),
        ("2026-11-25 08:00:00", True),
        ("2026-11-25 12:29:59", True),
        ("2026-11-25 12:30:00", False),
        ("2026-11-25 13:30:00", True),
        ("2026-11-25 16:00:00", False),
        ("2026-11-28 09:00:00", True),
        ("2026-11-28 13:30:00", False),
        ("2026-11-29 10:00:00", False),
    ],
)
def test_a_lesson_lasts_from_its_first_minute_until_before_its_last(moment: str, lesson: bool) -> None:
    assert parse(SCHOOL, "Europe/London").lesson(utc(moment)) is lesson


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("Europe/London", "2026-10-26 08:00", "2026-10-23 07:00"),
        ("America/New_York", "2026-11-02 13:00", "2026-10-30 12:00"),
        ("Australia/Sydney", "2026-07-01 22:00", "2026-12-01 21:00"),
        ("Asia/Kolkata", "2026-12-01 02:30", "2026-07-01 02:30"),
    ],
)
def test_eight_is_eight_in_summer_and_in_winter(zone: str, winter: str, summer: str) -> None:
    timetable = parse("Mon-Sun 08:00-09:00", zone)
    for moment in (winter, summer):
        assert [timetable.lesson(utc(moment) + seconds) for seconds in (-1, 0, 3599, 3600)] == [
            False,
            True,
            True,
            False,
        ]


def told(zone: str, lessons: str, begin: str, minutes: int) -> str:
    timetable = parse(lessons, zone)
    return "".join("x" if timetable.lesson(utc(begin) + 60 * m) else "." for m in range(0, minutes, 30))


def test_the_night_the_clock_is_put_forward_has_no_hour_that_is_not() -> None:
    """London, 29 March 2026: after 00:59 comes 02:00, which is 01:00 UTC."""
    assert told("Europe/London", "Sun 00:30-02:30", "2026-03-29 00:00", 150) == ".xx.."
    assert told("Europe/London", "Sun 01:00-02:00", "2026-03-29 00:00", 150) == "....."


def test_the_night_the_clock_is_put_back_has_an_hour_twice() -> None:
    """London, 25 October 2026: 01:00 to 02:00 is at 00:00 and again at 01:00 UTC."""
    assert told("Europe/London", "Sun 01:30-02:30", "2026-10-25 00:00", 180) == ".x.xx."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no part of a timetable. Expected: days and times such as"),
        ("Mon-Fri", "is no part of a timetable"),
        ("Mon-Fri 8-12", "is no part of a timetable"),
        ("Mon 08:00-12:00 and Tue 09:00-10:00", "is no part of a timetable"),
        ("Mon 08:00-12:00;", "is no part of a timetable"),
        ("Mon-Frx 08:00-12:00", '"Frx" is no day. Expected: one of Mon, Tue'),
        ("Mon 12:00-08:00", '"12:00-08:00" is no time of one day'),
        ("Mon 08:00-08:00", "is no time of one day"),
        ("Mon 08:60-09:00", "is no time of one day"),
        ("Mon 23:00-24:30", "is no time of one day"),
    ],
)
def test_what_is_no_timetable_is_refused_and_told_why(text: str, words: str) -> None:
    with pytest.raises(Problem, match=words):
        parse(text, None)


@pytest.mark.parametrize("zone", ["Europe/Lundon", "../../etc/passwd", "/etc/localtime", "Europe"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(Problem, match="There is no time zone"):
        parse(SCHOOL, zone)


def test_days_may_be_listed_run_over_the_weekend_and_end_at_midnight() -> None:
    timetable = parse("mon,wed 8:00-9:00; Sat-Mon 20:00-24:00", "UTC")
    days = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"]
    assert [timetable.lesson(utc(f"{day} 08:30")) for day in days] == [True, False, True, *[False] * 4]
    assert [timetable.lesson(utc(f"{day} 23:59:59")) for day in days] == [True, *[False] * 4, True, True]


def test_without_a_zone_the_machines_own_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    timetable = parse("Wed 08:00-09:00", None)
    for zone, moment in (("Asia/Tokyo", "2026-11-24 23:30"), ("America/New_York", "2026-11-25 13:30")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert timetable.lesson(utc(moment)), zone
    monkeypatch.undo()
    time.tzset()
