"""The bundles in the tree are what `convert quantize` makes of the weights in the tree.

The pictures they were calibrated on may not be published, so the comparison is within a tolerance
and on other pictures: a bundle of other weights, or of another conversion, lies far outside it.
"""

from pathlib import Path

import numpy as np
import pytest
from portrait import cuts

from convert.graph.flatbuffer import parse
from convert.graph.runtimes import legacy_lacks
from convert.network.source import facts_of, load
from convert.proving.verify import probabilities, run
from convert.quantizing.quantize import quantize
from edge.model.bundle import load as load_bundle
from edge.model.bundle import shipped
from edge.model.subjects import travelling
from edge.vision.crop import normalize

WEIGHTS = Path(__file__).parents[3] / "train" / "weights"
TOLERANCE = 0.05
"""Mean total variation between two models' answers. Other weights are ten times as far apart."""


@pytest.fixture(scope="module", params=["engagement", "expressions"])
def pair(request):
    """The bundle and what it was made of."""
    return load_bundle(shipped(request.param), kind=request.param), WEIGHTS / request.param


def apart(one, other):
    return float(np.abs(one - other).sum(axis=1).mean() / 2)


def test_the_card_carries_the_facts_of_the_weights(pair):
    bundle, weights = pair
    facts = facts_of(weights, None)
    for field in ("input", "licence", "origin", "intended_use"):
        assert getattr(bundle.card, field) == getattr(facts, field), field
    assert travelling(bundle.card.training) == travelling(facts.training)
    assert bundle.card.output.labels == facts.output.labels
    assert set(facts.metrics) <= set(bundle.card.metrics)


def test_the_model_is_the_weights(pair):
    bundle, weights = pair
    inputs = normalize(cuts(), bundle.card.input.normalization)
    source = load(weights)
    committed = probabilities(run(bundle.model, inputs), bundle.card.output.activation)
    assert apart(committed, source.predict(inputs)) < TOLERANCE


def test_the_command_makes_it_again(pair):
    bundle, weights = pair
    inputs = normalize(cuts(), bundle.card.input.normalization)
    source = load(weights)
    source = source.with_logits() if bundle.card.output.activation == "logits" else source
    again = quantize(source, "int8", normalize(cuts(128, seed=1), bundle.card.input.normalization))
    ours, committed = parse(again), parse(bundle.model)
    assert [(op.name, op.version) for op in ours.ops] == [(op.name, op.version) for op in committed.ops]
    answers = [probabilities(run(model, inputs), source.activation) for model in (again, bundle.model)]
    assert apart(*answers) < TOLERANCE


def test_it_is_int8_runs_everywhere_and_states_its_proof(pair):
    bundle, _ = pair
    graph = parse(bundle.model)
    assert {graph.tensors[i].dtype for i in (*graph.inputs, *graph.outputs)} == {"int8"}
    assert not legacy_lacks(graph)
    quantization = bundle.card.quantization
    assert quantization.agreement is not None
    assert quantization.agreement >= 0.985
    assert "seed" in quantization.calibration
