"""Lessons by day and time of a place, read from one line of text.

A moment is first put into that place's own time, so a lesson at 8 is at 8 in summer and in winter. In the night the
clock is put back, an hour comes twice: what is said of it holds both times. In that it is put forward, one is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.errors import Problem

__all__ = ["FORM", "Timetable", "parse"]

FORM = 'days and times such as "Mon-Fri 08:00-12:30 13:30-16:00; Sat 09:00-12:00"'
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RULE = re.compile(r"(?P<days>[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)(?P<times>(?:\s+\d{1,2}:\d{2}-\d{1,2}:\d{2})+)")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class _Lesson:
    """On a day (Monday is 0), from a minute of it until before another."""

    day: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Timetable:
    lessons: tuple[_Lesson, ...]
    zone: ZoneInfo | None
    """Without one, the machine's own."""

    def lesson(self, at: float) -> bool:
        """Whether there is a lesson at this moment of Unix time."""
        there = datetime.fromtimestamp(at, self.zone) if self.zone else datetime.fromtimestamp(at).astimezone()
        day, minute = there.weekday(), 60 * there.hour + there.minute
        return any(lesson.day == day and lesson.begin <= minute < lesson.end for lesson in self.lessons)


def parse(lessons: str, zone: str | None) -> Timetable:
    """Read what a person wrote, or say what is wrong with it."""
    found: list[_Lesson] = []
    for rule in lessons.split(";"):
        read = _RULE.fullmatch(rule.strip())
        if read is None:
            raise Problem(f'"{rule.strip()}" is no part of a timetable. Expected: {FORM}.')
        spans = [_span(span) for span in read["times"].split()]
        found += [_Lesson(day, *span) for day in _days(read["days"]) for span in spans]
    return Timetable(tuple(found), _zone(zone) if zone else None)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        first, *others = [_day(name) for name in part.split("-")]
        last = others[-1] if others else first
        days += [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return days


def _day(name: str) -> int:
    if name.title() not in _DAYS:
        raise Problem(f'"{name}" is no day. Expected: one of {", ".join(_DAYS)}.')
    return _DAYS.index(name.title())


def _span(text: str) -> tuple[int, int]:
    begin, end = (60 * int(hour) + int(minute) for hour, minute in (time.split(":") for time in text.split("-")))
    wrong = any(int(time[-2:]) > 59 for time in text.split("-"))
    if wrong or not begin < end <= _MIDNIGHT:
        raise Problem(f'"{text}" is no time of one day. A lesson beyond midnight is two: until 24:00, and from 00:00.')
    return begin, end


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise Problem(
            f'There is no time zone "{name}". Expected: a name such as "Europe/London" or "America/New_York". '
            "Where the machine knows none at all: sudo apt install tzdata."
        ) from None
