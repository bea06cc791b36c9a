"""What the page knows of each room, and it knows only what any MQTT client is told."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Literal

import msgspec

__all__ = ["Condition", "Health", "Record", "Room", "Rooms"]

HISTORY = 3600.0
"""Seconds of the past that are kept: a lesson."""
_STALE_AFTER = 3  # windows without a record
_BASE = "edge-engage/v1/"

Condition = Literal["unheard", "offline", "paused", "blind", "suppressed", "stale", "ok"]


class Levels(msgspec.Struct, frozen=True):
    low: float
    mid: float
    high: float


class Privacy(msgspec.Struct, frozen=True):
    k: int


class Record(msgspec.Struct, frozen=True):
    """A record of contract v1. What a later version adds is passed over."""

    seq: int
    start: datetime
    seconds: float
    status: Literal["ok", "suppressed", "paused", "blind"]
    privacy: Privacy
    faces: int | None = None
    engaged: float | None = None
    levels: Levels | None = None
    coverage: float | None = None
    model: str = ""

    @property
    def end(self) -> float:
        """Unix time."""
        return self.start.timestamp() + self.seconds


class Health(msgspec.Struct, frozen=True):
    """Of the health message, what a teacher's page shows."""

    camera: str = "ok"
    fps: float | None = None
    detector_ms: float | None = None
    temperature_c: float | None = None
    throttling: tuple[str, ...] | None = None
    waiting_records: int = 0
    model: str = ""
    version: str = ""
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """Replaced as a whole by every message, so that a page can read it while messages come in."""

    site: str
    name: str
    availability: Literal["online", "offline"] | None = None
    state: Literal["running", "paused"] | None = None
    health: Health | None = None
    record: Record | None = None
    heard: float = 0.0
    """Monotonic seconds at which the record was, or must have been, published."""
    history: tuple[Record, ...] = ()

    @property
    def base(self) -> str:
        return f"{_BASE}{self.site}/{self.name}"

    def condition(self, now: float) -> Condition:
        """What to say first; `now` is monotonic."""
        if self.availability is None and self.record is None:
            return "unheard"
        if self.availability == "offline":
            return "offline"
        if self.state == "paused":
            return "paused"
        if self.record is None:
            return "unheard"
        if now - self.heard > _STALE_AFTER * self.record.seconds:
            return "stale"
        # The window that was running when somebody pressed resume still says paused.
        return self.record.status


class Rooms:
    """All rooms heard of, by site and name."""

    def __init__(self) -> None:
        self._rooms: dict[tuple[str, str], Room] = {}

    def all(self) -> list[Room]:
        return sorted(self._rooms.values(), key=lambda room: (room.site, room.name))

    def hear(self, topic: str, payload: bytes | bytearray, *, retained: bool = False) -> None:
        """Take in one message. What is not of the contract is passed over: it says nothing about a room."""
        parts = topic.removeprefix(_BASE).split("/")
        if not topic.startswith(_BASE) or len(parts) != 3:
            return
        site, name, what = parts
        room = self._rooms.get((site, name)) or Room(site, name)
        try:
            room = _told(room, what, bytes(payload), retained=retained)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        if room.availability or room.record or room.health:
            self._rooms[site, name] = room


def _told(room: Room, what: str, payload: bytes, *, retained: bool) -> Room:
    if what == "availability":
        word = payload.decode()
        return replace(room, availability=word if word in ("online", "offline") else None)
    if what == "state":
        word = payload.decode()
        # Other answers are complaints about a command.
        return replace(room, state=word) if word in ("running", "paused") else room
    if what == "health":
        return replace(room, health=msgspec.json.decode(payload, type=Health))
    if what == "engagement":
        return _recorded(room, msgspec.json.decode(payload, type=Record), retained=retained)
    return room


def _recorded(room: Room, record: Record, *, retained: bool) -> Room:
    # A retained record may be old. Of any other, the sensor's clock need not be right for us to know that it is new.
    age = max(0.0, datetime.now(timezone.utc).timestamp() - record.end) if retained else 0.0
    # After an outage, or on a new connection, records come that were heard before.
    known = {past.start: past for past in (*room.history, record) if past.end > record.end - HISTORY}
    history = tuple(sorted(known.values(), key=lambda past: past.start))
    return replace(room, record=record, heard=time.monotonic() - age, history=history)
