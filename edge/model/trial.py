"""One dry run before a network is trusted: does it fit its card, and is the device able to use what it gives?

The device asks when it loads a bundle, `convert` before it packs one.
"""

from __future__ import annotations

import math

import numpy as np

from edge.errors import Problem
from edge.model.card import Anchors, Facts
from edge.model.runtime import Network

__all__ = ["check_card", "check_fit", "try_out"]

_POINTS = 12  # two coordinates of BlazeFace's six points
_BOX = 4


def try_out(facts: Facts, model: bytes, name: object, *, sequences: bool = False) -> None:
    """A `Problem` that begins with `name` where the device could not work with this model as its card describes it.

    Networks that look at several frames at once are for a desktop only: `sequences` lets them pass.
    """
    check_card(facts, name)
    try:
        network = Network(model)
        check_fit(facts, network, sequences=sequences)
        _run(network)
    except Problem as problem:
        raise Problem(f"{name} cannot work: {problem} Pack a model that fits its card.") from None


def check_card(facts: Facts, name: object) -> None:
    """The same of what can be seen without the model."""
    try:
        if facts.kind == "detector":
            _check_detector(facts)
        else:
            _check_classifier(facts)
    except Problem as problem:
        raise Problem(f"{name} cannot work on the device: {problem}") from None


def check_fit(facts: Facts, network: Network, *, sequences: bool = False) -> None:
    """A `Problem` where what the network takes or gives is not what its card says."""
    _check_input(facts, network, sequences=sequences)
    _check_outputs(facts, network)


def _check_input(facts: Facts, network: Network, *, sequences: bool) -> None:
    asked, shape = facts.input, network.input_shape
    expected = (1, asked.height, asked.width, asked.channels)
    several = len(shape) == 5 and (shape[0], *shape[2:]) == expected
    if several and not sequences:
        raise Problem(f"it looks at {shape[1]} frames at once, and the device asks about single pictures.")
    if shape != expected and not several:
        raise Problem(f'its input "{network.input_name}" is {_x(network.input_shape)}, the card says {_x(expected)}.')


def _check_classifier(facts: Facts) -> None:
    asked = facts.input
    if asked.width != asked.height or asked.channels != 1:
        raise Problem(
            f"faces are cut out square and grey, not {asked.width} x {asked.height} with {asked.channels} channels."
        )


def _check_detector(facts: Facts) -> None:
    anchors = facts.anchors
    if facts.input.channels != 3:
        raise Problem("a detector is shown colours, and the card says one channel.")
    if anchors is None:
        raise Problem("the card says nothing of how faces are read from what a detector gives (anchors).")
    strides, per_cell = anchors.strides, anchors.anchors_per_cell
    if not strides or len(strides) != len(per_cell) or min(*strides, *per_cell) < 1 or not 0 < anchors.min_score < 1:
        raise Problem(
            f"the card's anchors make no sense: strides {list(strides)}, anchors_per_cell {list(per_cell)}, "
            f"min_score {anchors.min_score:g}."
        )
    if anchors.family == "centerface" and len(strides) != 1:
        raise Problem(f"centerface has one stride, the card names {len(strides)}.")


def _check_outputs(facts: Facts, network: Network) -> None:
    if facts.anchors is not None and facts.kind == "detector":
        why, expected = facts.anchors.family, _maps(facts.anchors, facts.input.height, facts.input.width)
    else:
        why, expected = f"{len(facts.output.labels)} labels", [(1, len(facts.output.labels))]
    if sorted(network.output_shapes) != sorted(expected):
        found = ", ".join(
            f'"{name}" {_x(shape)}' for name, shape in zip(network.output_names, network.output_shapes, strict=True)
        )
        wanted = " and ".join(_x(shape) for shape in expected)
        raise Problem(f"it gives {found or 'nothing'}; for {why}, {wanted} is needed.")


def _maps(anchors: Anchors, height: int, width: int) -> list[tuple[int, ...]]:
    """The shapes of what a detector of this family gives for a picture of this size, in any order."""
    cells = [(math.ceil(height / stride), math.ceil(width / stride)) for stride in anchors.strides]
    if anchors.family == "centerface":
        # Heat, size, and where: the offset of the middle and five points.
        return [(1, *cells[0], channels) for channels in (1, 2, 12)]
    count = sum(rows * columns * each for (rows, columns), each in zip(cells, anchors.anchors_per_cell, strict=True))
    return [(1, count, 1), (1, count, _BOX + _POINTS)]


def _run(network: Network) -> None:
    outputs = network.run(np.full(network.input_shape, 0.5, np.float32))
    for name, output in zip(network.output_names, outputs, strict=True):
        if not np.isfinite(output).all():
            raise Problem(f'shown plain grey, its output "{name}" is not finite.')


def _x(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
