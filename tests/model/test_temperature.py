"""How sure the device is: as sure as its card says it may be."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from edge.model import bundle
from edge.model.card import Output
from edge.model.scores import Classifier
from edge.model.temperature import tempered
from edge.vision.crop import normalize


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_tempering_probabilities_is_dividing_the_scores_before_the_softmax(temperature: float) -> None:
    scores = np.random.default_rng(0).normal(0, 3, (50, 3)).astype(np.float32)
    expected = softmax(scores / temperature)
    assert tempered(softmax(scores), temperature) == pytest.approx(expected, abs=1e-5)


def test_the_device_divides_by_the_temperature_of_its_card() -> None:
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    x = normalize(np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8), loaded.card.input.normalization)
    given = {}
    for temperature in (1.0, 2.0):
        output = msgspec.structs.replace(loaded.card.output, temperature=temperature)
        card = msgspec.structs.replace(loaded.card, output=output)
        given[temperature] = Classifier(replace(loaded, card=card)).probabilities(x)
    assert given[2.0] == pytest.approx(tempered(given[1.0], 2.0), abs=1e-5)
    assert (given[2.0].max(axis=1) < given[1.0].max(axis=1)).all()
    assert (given[2.0].argmax(axis=1) == given[1.0].argmax(axis=1)).all()


def test_a_card_without_a_temperature_changes_nothing() -> None:
    old = b'{"labels": ["low", "mid", "high"], "activation": "logits"}'
    output = msgspec.json.decode(old, type=Output)
    assert output.temperature == 1
    assert msgspec.json.decode(msgspec.json.encode(output)) == msgspec.json.decode(old)
    p = np.array([[0.2, 0.3, 0.5]], np.float32)
    assert tempered(p, output.temperature) is p


@pytest.mark.parametrize("wrong", ["0", "-1"])
def test_a_temperature_that_is_not_above_zero_is_no_card(wrong: str) -> None:
    text = '{"labels": ["a"], "activation": "logits", "temperature": ' + wrong + "}"
    with pytest.raises(msgspec.ValidationError, match="temperature"):
        msgspec.json.decode(text, type=Output)
