"""The contract: what may leave the process, and that its published schema says so."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from msgspec import UNSET

from edge.aggregate.record import Levels, Measured, Orientation, Privacy, Withheld, encode, schema

SCHEMA = Path(__file__).parents[2] / "docs" / "contract" / "record.schema.json"

COMMON = {"seq": 7, "start": "2026-11-21T09:00:10Z", "seconds": 10, "model": "er@3f9c21ab", "privacy": Privacy(5)}


FIGURES = ("faces", "judged", "engaged", "engaged_low", "engaged_high", "levels", "coverage", "orientation")


def measured(
    orientation: Orientation | object = UNSET, *, sure: tuple[float | None, float | None] = (0.55, 0.79)
) -> Measured:
    return Measured(
        **COMMON,
        faces=12,
        judged=10,
        engaged=0.67,
        engaged_low=sure[0],
        engaged_high=sure[1],
        levels=Levels(0.2, 0.3, 0.5),
        coverage=0.93,
        orientation=orientation,
    )


def test_checked_in_schema_is_the_one_the_types_give() -> None:
    assert json.loads(SCHEMA.read_text()) == schema(), "run: edge-engage config schema --record > " + str(SCHEMA)


@pytest.mark.parametrize(
    "record",
    [
        measured(),
        measured(sure=(None, None)),
        measured(Orientation(0.5, 0.3, 0.2)),
        Withheld(**COMMON, status="suppressed"),
        Withheld(**COMMON, status="paused"),
        Withheld(**COMMON, status="blind"),
    ],
)
def test_every_record_satisfies_the_schema(record: Measured | Withheld) -> None:
    jsonschema.validate(json.loads(encode(record)), schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("figure", FIGURES)
def test_schema_refuses_a_figure_in_a_suppressed_record(figure: str) -> None:
    record = json.loads(encode(Withheld(**COMMON, status="suppressed")))
    record[figure] = json.loads(encode(measured(Orientation(0.5, 0.3, 0.2))))[figure]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, schema())


@pytest.mark.parametrize("extra", ["track", "box", "face", "scores", "embedding", "image"])
def test_schema_refuses_any_further_field(extra: str) -> None:
    record = json.loads(encode(measured())) | {extra: 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, schema())


@pytest.mark.parametrize(
    "part", [measured(), Withheld(**COMMON, status="blind"), Levels(1, 0, 0), Orientation(1, 0, 0), Privacy(5)]
)
def test_what_passed_the_gate_is_changed_by_nobody(part: object) -> None:
    for field in part.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(part, field, None)
