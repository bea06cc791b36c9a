"""When lessons are. Outside of them the camera is closed."""

from edge.timetable.timetable import FORM, Timetable, parse

__all__ = ["FORM", "Timetable", "parse"]
