"""The published record, contract v1. The only thing about a class that can be encoded and sent.

A withheld record has no place to put a figure: the type itself keeps a suppressed window empty.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

__all__ = ["Aggregate", "Levels", "Measured", "Orientation", "Privacy", "Withheld", "encode", "mended", "schema"]

Share = Annotated[float, Meta(ge=0, le=1)]
Start = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$", description="UTC start of the window")]
Sequence = Annotated[int, Meta(ge=0, description="Grows by one with every record, over restarts too; a gap is a loss")]
Seconds = Annotated[float, Meta(gt=0, description="Length of the window")]


Clock = Annotated[Literal["unsynced"], Meta(description="Only while the sensor's clock is not known to be right")]
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Levels(Struct, frozen=True, forbid_unknown_fields=True):
    """How the class is spread over the three levels; sums to 1."""

    low: Share
    mid: Share
    high: Share


class Orientation(Struct, frozen=True, forbid_unknown_fields=True):
    """Which way those faces were turned that showed it, k on average at least; sums to 1. Only when configured."""

    front: Share
    down: Share
    away: Share


class Privacy(Struct, frozen=True, forbid_unknown_fields=True):
    k: Annotated[int, Meta(ge=1, description="With fewer judged faces than this on average nothing is told")]
    epsilon: Annotated[float, Meta(gt=0)] | None = None


class Measured(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window with at least k faces judged on average, so that nobody weighs more than 1/k in a figure."""

    schema: Literal[1] = 1
    seq: Sequence
    start: Start
    seconds: Seconds
    status: Literal["ok"] = "ok"
    faces: Annotated[int, Meta(ge=1, description="Faces in view, averaged over the time observed")]
    judged: Annotated[int, Meta(ge=1, description="Those large enough to be judged: engaged and levels rest on them")]
    engaged: Annotated[float, Meta(ge=0, le=1, description="0: all low, 1: all high")]
    engaged_low: (
        Annotated[float, Meta(ge=0, le=1, description="With engaged_high: holds the truth in 8 of 10 cases")] | None
    )
    engaged_high: (
        Annotated[float, Meta(ge=0, le=1, description="With engaged_low: holds the truth in 8 of 10 cases")] | None
    )
    levels: Levels
    coverage: Annotated[float, Meta(ge=0, le=1, description="Share of room and time really observed")]
    orientation: Orientation | UnsetType = UNSET
    clock: Clock | UnsetType = UNSET
    model: str
    privacy: Privacy


class Withheld(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window of which nothing is told but why."""

    schema: Literal[1] = 1
    seq: Sequence
    start: Start
    seconds: Seconds
    status: Literal["suppressed", "paused", "blind"]
    clock: Clock | UnsetType = UNSET
    model: str
    privacy: Privacy


Aggregate = Measured | Withheld


def encode(record: Aggregate) -> bytes:
    return msgspec.json.encode(record)


def mended(record: bytes, by: float) -> bytes:
    """An encoded record that was told by a clock not known to be right, with its start moved by so many seconds."""
    fields = msgspec.json.decode(record)
    if fields.pop("clock", None) is None:
        return record
    start = datetime.strptime(fields["start"], _TIME).replace(tzinfo=timezone.utc) + timedelta(seconds=by)
    return msgspec.json.encode({**fields, "start": start.strftime(_TIME)})


def schema() -> dict[str, Any]:
    """The JSON Schema of the contract, generated from the types above."""
    (measured, withheld), parts = msgspec.json.schema_components((Measured, Withheld), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "edge-engage record, contract v1",
        "oneOf": [measured, withheld],
        # A default means "always sent" here, so every field but the extension is required.
        "$defs": {name: _all_required(part) for name, part in parts.items()},
    }


def _all_required(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "required": [name for name in part["properties"] if name not in ("orientation", "clock")]}
