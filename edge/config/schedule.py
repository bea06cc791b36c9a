"""The section [schedule] of the configuration: lessons only."""

from __future__ import annotations

from typing import Annotated

from edge.config.described import Section, Text, described
from edge.errors import Problem
from edge.timetable import FORM, Timetable, parse

__all__ = ["Schedule"]


class Schedule(Section, frozen=True):
    """When the camera may be open. Outside lessons it is closed, and nobody can open it by a command."""

    lessons: Annotated[
        Text | None,
        described("When lessons are. Without it, always.", FORM, "Mon-Fri 08:00-12:30 13:30-16:00; Sat 09:00-12:00"),
    ] = None
    zone: Annotated[
        Text | None,
        described(
            "The time zone of these times. Without it, the machine's.",
            'a name such as "Europe/London" or "America/New_York"',
            "America/New_York",
        ),
    ] = None

    def __post_init__(self) -> None:
        try:
            self.timetable()
        except Problem as problem:
            raise ValueError(f"schedule: {problem}") from None

    def timetable(self) -> Timetable | None:
        """None where the camera may always be open."""
        return parse(self.lessons, self.zone) if self.lessons else None
