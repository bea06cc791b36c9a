"""A network that the device could not work with is refused when it is loaded or packed, not at the first face."""

from __future__ import annotations

import msgspec
import pytest
from graphs import graph

from edge.errors import Problem
from edge.model import bundle
from edge.model.card import Anchors, Facts, Input, Output
from edge.model.trial import try_out

NETWORK = Facts(
    kind="engagement",
    name="tiny",
    input=Input(width=48, height=48, channels=1, normalization="standard"),
    output=Output(labels=("low", "mid", "high"), activation="softmax"),
    licence="Apache-2.0",
    origin="made by a test",
    intended_use="None.",
)
FACES = msgspec.structs.replace(
    NETWORK,
    kind="detector",
    input=Input(width=64, height=32, channels=3, normalization="signed"),
    output=Output(labels=("face",), activation="none"),
)
BLAZE = Anchors(family="blazeface", strides=(8, 16), anchors_per_cell=(2, 6), min_score=0.5)
CENTER = Anchors(family="centerface", strides=(4,), anchors_per_cell=(1,), min_score=0.5)
BLAZE_MAPS = ((1, 112, 16), (1, 112, 1))
CENTER_MAPS = ((1, 8, 16, 12), (1, 8, 16, 1), (1, 8, 16, 2))


def faces(anchors: Anchors | None, **more: object) -> Facts:
    return msgspec.structs.replace(FACES, anchors=anchors, **more)


def network(**changes: object) -> Facts:
    """With another input or output; `labels` names the output's."""
    labels = changes.pop("labels", NETWORK.output.labels)
    kind = changes.pop("kind", NETWORK.kind)
    return msgspec.structs.replace(
        NETWORK,
        kind=kind,
        input=msgspec.structs.replace(NETWORK.input, **changes),
        output=msgspec.structs.replace(NETWORK.output, labels=labels),
    )


@pytest.mark.parametrize(
    ("facts", "model"),
    [
        (NETWORK, graph((1, 48, 48, 1), (1, 3))),
        (network(labels=("off", "on")), graph((1, 48, 48, 1), (1, 2))),
        (network(labels=("asleep", "bored", "awake", "keen")), graph((1, 48, 48, 1), (1, 4))),
        (network(kind="expressions", labels=("sad", "glad")), graph((1, 48, 48, 1), (1, 2))),
        (faces(BLAZE), graph((1, 32, 64, 3), *BLAZE_MAPS)),
        (faces(BLAZE), graph((1, 32, 64, 3), *reversed(BLAZE_MAPS))),
        (faces(CENTER), graph((1, 32, 64, 3), *CENTER_MAPS)),
    ],
)
def test_what_fits_is_taken(facts: Facts, model: bytes) -> None:
    try_out(facts, model, "bundle")


@pytest.mark.parametrize("name", ["engagement", "expressions", "detector", "detector-blazeface"])
def test_what_ships_is_taken(name: str) -> None:
    assert bundle.load(bundle.shipped(name), kind=None).model


@pytest.mark.parametrize(
    ("facts", "model", "words"),
    [
        (network(channels=3), graph((1, 48, 48, 3), (1, 3)), "square and grey, not 48 x 48 with 3 channels"),
        (network(width=64), graph((1, 48, 64, 1), (1, 3)), "square and grey, not 64 x 48 with 1 channels"),
        (NETWORK, graph((1, 48, 64, 1), (1, 3)), 'its input "x0" is 1x48x64x1, the card says 1x48x48x1'),
        (NETWORK, graph((4, 48, 48, 1), (4, 3)), 'its input "x0" is 4x48x48x1'),
        (NETWORK, graph((1, 48, 48, 1), (1, 3), inputs=2), "has 2 inputs"),
        (NETWORK, graph((1, 48, 48, 1), (1, 3, 2)), 'it gives "y0" 1x3x2; for 3 labels, 1x3 is needed'),
        (NETWORK, graph((1, 48, 48, 1), (3,)), 'it gives "y0" 3; for 3 labels'),
        (NETWORK, graph((1, 48, 48, 1), (1, 7)), 'it gives "y0" 1x7; for 3 labels'),
        (NETWORK, graph((1, 48, 48, 1), (1, 3), (1, 3)), 'it gives "y0" 1x3, "y1" 1x3; for 3 labels'),
        (NETWORK, graph((1, 48, 48, 1)), "it gives nothing; for 3 labels"),
        (NETWORK, graph((1, 48, 48, 1), (1, 3), value=float("nan")), 'its output "y0" is not finite'),
        (NETWORK, graph((1, 48, 48, 1), (1, 3), dtype="int32"), r'tensor "x0" holds int32 \(scale 0\)'),
        (NETWORK, graph((1, 48, 48, 1), (1, 3), dtype="int8"), r'tensor "x0" holds int8 \(scale 0\)'),
        (NETWORK, b"no model" * 100, "cannot load this model"),
        (faces(None), graph((1, 32, 64, 3), *CENTER_MAPS), "says nothing of how faces are read"),
        (
            faces(CENTER, input=Input(width=64, height=32, channels=1, normalization="unit")),
            graph((1, 32, 64, 1), *CENTER_MAPS),
            "a detector is shown colours",
        ),
        (
            faces(CENTER),
            graph((1, 32, 64, 3), *BLAZE_MAPS),
            'it gives "y0" 1x112x16, "y1" 1x112x1; for centerface, 1x8x16x1 and 1x8x16x2 and 1x8x16x12 is needed',
        ),
        (faces(BLAZE), graph((1, 32, 64, 3), *CENTER_MAPS), "for blazeface, 1x112x1 and 1x112x16 is needed"),
        (faces(BLAZE), graph((1, 32, 64, 3), (1, 99, 16), (1, 99, 1)), "for blazeface, 1x112x1"),
        *(
            (
                faces(msgspec.structs.replace(BLAZE, **wrong)),
                graph((1, 32, 64, 3), *BLAZE_MAPS),
                "anchors make no sense",
            )
            for wrong in (
                {"strides": (), "anchors_per_cell": ()},
                {"strides": (8,)},
                {"strides": (8, 0)},
                {"anchors_per_cell": (2, 0)},
                {"min_score": 0.0},
                {"min_score": 1.0},
            )
        ),
        (
            faces(msgspec.structs.replace(CENTER, strides=(4, 8), anchors_per_cell=(1, 1))),
            graph((1, 32, 64, 3), *CENTER_MAPS),
            "centerface has one stride",
        ),
    ],
)
def test_what_cannot_work_is_refused_and_the_misfit_is_named(facts: Facts, model: bytes, words: str) -> None:
    with pytest.raises(Problem, match=f"bundle cannot work.*: .*{words}"):
        try_out(facts, model, "bundle")


def test_a_network_of_several_frames_is_for_a_desktop_only() -> None:
    model = graph((1, 8, 48, 48, 1), (1, 3))
    try_out(NETWORK, model, "bundle", sequences=True)
    with pytest.raises(Problem, match="it looks at 8 frames at once, and the device asks about single pictures"):
        try_out(NETWORK, model, "bundle")
    other = graph((1, 8, 64, 48, 1), (1, 3))
    with pytest.raises(Problem, match="1x8x64x48x1, the card says 1x48x48x1"):
        try_out(NETWORK, other, "bundle", sequences=True)
