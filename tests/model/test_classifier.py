"""The shipped networks through the device's runtime."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from edge.errors import Problem
from edge.model import bundle
from edge.model.runtime import Network
from edge.model.scores import Classifier
from edge.vision.crop import normalize


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(bundle.load(bundle.shipped("engagement"), kind="engagement"))


def faces(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 256, (n, 48, 48), np.uint8)


def test_probabilities_add_up_to_one(classifier: Classifier) -> None:
    x = normalize(faces(7), classifier.card.input.normalization)
    assert classifier.probabilities(x).sum(axis=1) == pytest.approx(np.ones(7), abs=1e-5)


def test_a_frame_without_faces_costs_nothing_and_fails_nothing(classifier: Classifier) -> None:
    x = normalize(faces(0), classifier.card.input.normalization)
    assert classifier.probabilities(x).shape == (0, 3)


def test_a_face_scores_the_same_in_any_company(classifier: Classifier) -> None:
    x = normalize(faces(5), classifier.card.input.normalization)
    together = classifier.probabilities(x)
    assert np.array_equal(together[3:4], classifier.probabilities(x[3:4]))


def test_labels_that_do_not_fit_the_model_are_refused() -> None:
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    output = msgspec.structs.replace(loaded.card.output, labels=("low", "high"))
    with pytest.raises(Problem, match="2 labels, the model gives 3"):
        Classifier(replace(loaded, card=msgspec.structs.replace(loaded.card, output=output)))


def test_an_input_that_does_not_fit_the_card_is_refused() -> None:
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    wider = msgspec.structs.replace(loaded.card.input, width=64)
    with pytest.raises(Problem, match="the card promises an input of"):
        Classifier(replace(loaded, card=msgspec.structs.replace(loaded.card, input=wider)))


def test_bytes_that_are_no_model_are_refused_in_words() -> None:
    with pytest.raises(Problem, match="cannot load this model"):
        Network(b"not a flatbuffer, but long enough to be looked at" * 10)


def test_an_edgetpu_file_without_a_coral_runs_on_the_cpu_and_says_so() -> None:
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    fallen_back = Classifier(replace(loaded, edgetpu=b"compiled elsewhere"))
    assert "EdgeTPU not used" in fallen_back.note
    assert fallen_back.probabilities(normalize(faces(1), loaded.card.input.normalization)).shape == (1, 3)
