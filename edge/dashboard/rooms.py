"""What the page knows of each room, and it knows only what any MQTT client is told.

Anybody who may publish can say anything. A message that breaks the contract is passed over, and what
is kept has an end: so many rooms, so much of the past, so large a message.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.errors import Problem
from edge.publish import Topics

__all__ = ["HISTORY", "STEP", "Condition", "Health", "Record", "Room", "Rooms"]

HISTORY = 3600.0
"""Seconds of the past that are kept: a lesson."""
STEP = 5.0
"""Seconds of which one record is kept: the chart shows no more, however short the windows are."""
_STALE_AFTER = 3  # windows without a record
_BASE = "edge-engage/v1/"
_MOST_ROOMS = 200
_LARGEST = 16 * 1024  # bytes of a message; a sensor's are smaller than one
_YEARS = range(1970, 2200)  # a sensor without a clock begins with 1970

Condition = Literal["unheard", "offline", "paused", "starting", "resumed", "blind", "suppressed", "stale", "ok"]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Figure = Annotated[float, Meta(ge=-1e6, le=1e6)]
Word = Annotated[str, Meta(max_length=200)]


class Levels(msgspec.Struct, frozen=True):
    low: Share
    mid: Share
    high: Share


class Privacy(msgspec.Struct, frozen=True):
    k: Count


class Record(msgspec.Struct, frozen=True):
    """A record of contract v1. What a later version adds is passed over."""

    seq: Count
    start: Annotated[datetime, Meta(tz=True)]
    seconds: Annotated[float, Meta(ge=0.1, le=86400)]
    status: Literal["ok", "suppressed", "paused", "blind"]
    privacy: Privacy
    faces: Count | None = None
    judged: Count | None = None
    engaged: Share | None = None
    engaged_low: Share | None = None
    engaged_high: Share | None = None
    levels: Levels | None = None
    coverage: Share | None = None
    model: Word = ""
    begin: float = 0.0
    """`start` as Unix time, whatever the message says."""

    def __post_init__(self) -> None:
        if self.start.year not in _YEARS:
            raise ValueError("a year no sensor lives in")
        msgspec.structs.force_setattr(self, "begin", self.start.timestamp())

    @property
    def end(self) -> float:
        """Unix time."""
        return self.begin + self.seconds


class Health(msgspec.Struct, frozen=True):
    """Of the health message, what a teacher's page shows."""

    camera: str = "ok"
    paused_by: str | None = None
    fps: Figure | None = None
    detector_ms: Figure | None = None
    temperature_c: Figure | None = None
    throttling: tuple[str, ...] | None = None
    waiting_records: Count = 0
    model: str = ""
    version: str = ""
    warnings: tuple[str, ...] = ()
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """Replaced as a whole by every message, so that a page can read it while messages come in."""

    site: str
    name: str
    availability: Literal["online", "offline"] | None = None
    state: Literal["starting", "running", "paused"] | None = None
    health: Health | None = None
    record: Record | None = None
    heard: float = 0.0
    """Monotonic seconds at which the record was, or must have been, published."""
    history: tuple[Record, ...] = ()

    @property
    def base(self) -> str:
        return f"{_BASE}{self.site}/{self.name}"

    @property
    def _outside_lessons(self) -> bool:
        return self.state == "paused" and self.health is not None and self.health.paused_by == "schedule"

    @property
    def resumable(self) -> bool:
        """Whether it is paused and a command may end that. Outside lessons a command can only prolong the pause."""
        return self.state == "paused" and not self._outside_lessons

    def obeyed(self, wanted: Literal["running", "paused"]) -> bool:
        """Whether it does what it was asked, as far as the timetable lets it."""
        return self.state == wanted or (wanted == "running" and (self.state == "starting" or self._outside_lessons))

    def condition(self, now: float) -> Condition:
        """What to say first; `now` is monotonic."""
        if self.availability is None and self.record is None:
            return "unheard"
        if self.availability == "offline":
            return "offline"
        # Whether anybody is watched is told by the state alone. A record speaks of the past.
        return "paused" if self.state == "paused" else self._not_paused(now)

    def _not_paused(self, now: float) -> Condition:
        told = self.record and self.record.status
        if self.record and now - self.heard > _STALE_AFTER * self.record.seconds:
            told = "stale"
        if self.state == "starting":
            return "blind" if told == "blind" else "starting"
        if told is None or told == "paused":
            return "resumed" if self.state == "running" else "unheard"
        return told


class Rooms:
    """The rooms heard of. Beyond `_MOST_ROOMS`, those unheard for longest are forgotten."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[str, str], Room] = {}
        """By site and name, the one heard last at the end."""

    def all(self) -> list[Room]:
        return sorted(self._rooms.values(), key=lambda room: (room.site, room.name))

    def hear(self, topic: str, payload: bytes | bytearray, *, retained: bool = False) -> None:
        """Take in one message. What is not of the contract is passed over: it says nothing about a room."""
        parts = topic.removeprefix(_BASE).split("/")
        if not topic.startswith(_BASE) or len(parts) != 3 or len(payload) > _LARGEST:
            return
        site, name, what = parts
        try:
            Topics(site, name)
            room = _told(self._rooms.get((site, name)) or Room(site, name), what, bytes(payload), retained=retained)
        except (Problem, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        if room.availability or room.record or room.health:
            # A new dictionary, because pages read the present one meanwhile.
            rooms = self._rooms.copy()
            rooms.pop((site, name), None)
            rooms[site, name] = room
            if len(rooms) > _MOST_ROOMS:
                del rooms[next(iter(rooms))]
            self._rooms = rooms


def _told(room: Room, what: str, payload: bytes, *, retained: bool) -> Room:
    if what == "availability":
        word = payload.decode()
        return replace(room, availability=word if word in ("online", "offline") else None)
    if what == "state":
        word = payload.decode()
        # Other answers are complaints about a command.
        return replace(room, state=word) if word in ("starting", "running", "paused") else room
    if what == "health":
        return replace(room, health=msgspec.json.decode(payload, type=Health))
    if what == "engagement":
        return _recorded(room, msgspec.json.decode(payload, type=Record), retained=retained)
    return room


def _recorded(room: Room, record: Record, *, retained: bool) -> Room:
    if room.record and record.seq < room.record.seq and record.begin < room.record.begin:
        # It waited through an outage: it belongs to the past, and says nothing of now.
        return replace(room, history=_lesson(room.history, record))
    # A retained record may be old. Of any other, the sensor's clock need not be right for us to know that it is new.
    age = max(0.0, datetime.now(timezone.utc).timestamp() - record.end) if retained else 0.0
    return replace(room, record=record, heard=time.monotonic() - age, history=_lesson(room.history, record))


def _lesson(past: tuple[Record, ...], record: Record) -> tuple[Record, ...]:
    """The past with the record in its place: after an outage, or on a new connection, some come again or late."""
    at = bisect_left(past, record.begin, key=_begin)
    step = record.begin // STEP
    earlier = past[: at - 1] if at and past[at - 1].begin // STEP == step else past[:at]
    later = past[at + 1 :] if past[at:] and past[at].begin // STEP == step else past[at:]
    known = (*earlier, record, *later)
    first = bisect_right(known, record.begin - HISTORY, key=_begin)
    last = bisect_left(known, record.begin + HISTORY, key=_begin)
    return known[first:last][-round(HISTORY / STEP) :]


def _begin(record: Record) -> float:
    return record.begin
