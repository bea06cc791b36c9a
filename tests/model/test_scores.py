"""The shipped networks through the device's runtime."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from edge.errors import Problem
from edge.model import bundle
from edge.model.runtime import Network
from edge.model.scores import Classifier, normalized, softmax
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
    with pytest.raises(Problem, match="1x3; for 2 labels, 1x2 is needed"):
        Classifier(replace(loaded, card=msgspec.structs.replace(loaded.card, output=output)))


def test_an_input_that_does_not_fit_the_card_is_refused() -> None:
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    wider = msgspec.structs.replace(loaded.card.input, width=64)
    with pytest.raises(Problem, match="1x48x48x1, the card says 1x48x64x1"):
        Classifier(replace(loaded, card=msgspec.structs.replace(loaded.card, input=wider)))


def test_bytes_that_are_no_model_are_refused_in_words() -> None:
    with pytest.raises(Problem, match="cannot load this model"):
        Network(b"not a flatbuffer, but long enough to be looked at" * 10)


def test_an_edgetpu_file_without_a_coral_runs_on_the_cpu_and_says_so() -> None:
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    fallen_back = Classifier(replace(loaded, edgetpu=b"compiled elsewhere"))
    assert "EdgeTPU not used" in fallen_back.note
    assert fallen_back.probabilities(normalize(faces(1), loaded.card.input.normalization)).shape == (1, 3)


def rows(*numbers: list[float]) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_scores_become_probabilities_however_large_or_small_they_are() -> None:
    usual = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    for shift in (0, -120, -1e4, 120, 1e4):
        assert softmax(rows([1 + shift, 2 + shift, 3 + shift]))[0] == pytest.approx(usual, rel=1e-3)
    assert softmax(rows([0, 0, 0], [0, 200, 0]))[1].tolist() == [0, 1, 0]


def test_probabilities_rounded_to_whole_numbers_are_mended() -> None:
    assert normalized(rows([0.25, 0.5, 0.24], [-0.004, 0.5, 0.5])) == pytest.approx(
        rows([0.25 / 0.99, 0.5 / 0.99, 0.24 / 0.99], [0, 0.5, 0.5]), abs=1e-6
    )


@pytest.mark.parametrize("row", [[np.nan, 0.5, 0.5], [np.inf, 0, 0], [-np.inf, 1, 0]])
def test_a_row_that_is_not_finite_has_no_probabilities_and_spoils_no_other(row: list[float]) -> None:
    sound = [0.2, 0.3, 0.5]
    for make in (softmax, normalized):
        made = make(rows(sound, row, sound))
        assert np.isnan(made[1]).all()
        assert np.array_equal(made[[0, 2]], make(rows(sound, sound)))
        assert np.isfinite(made[[0, 2]]).all()


@pytest.mark.parametrize("row", [[0, 0, 0], [0.3, 0.3, 0.3], [0.4, 0.4, 0.4], [-0.1, 0.6, 0.5], [2, 3, -4]])
def test_a_row_of_anything_else_has_no_probabilities(row: list[float]) -> None:
    assert np.isnan(normalized(rows(row))).all()


@pytest.mark.parametrize("row", [[0.3, 0.3, 0.345], [0.35, 0.35, 0.355], [-0.0195, 0.5, 0.5]])
def test_a_row_nearly_right_has(row: list[float]) -> None:
    assert normalized(rows(row)).sum() == pytest.approx(1)


class Says(Network):
    """A network that gives what it is told to."""

    def run(self, _x: np.ndarray) -> tuple[np.ndarray, ...]:
        return (self.row[None],)


@pytest.mark.parametrize(
    ("activation", "nonsense"), [("logits", [np.nan, 0, 0]), ("softmax", [0, 0, 0]), ("none", [7, -3, 1])]
)
def test_a_model_that_gives_nonsense_is_reported_once(
    activation: str, nonsense: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.model.scores.Network", Says)
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    output = msgspec.structs.replace(loaded.card.output, activation=activation)
    classifier = Classifier(replace(loaded, card=msgspec.structs.replace(loaded.card, output=output)))
    classifier._network.row = rows([0.2, 0.3, 0.5])[0]
    x = normalize(faces(2), classifier.card.input.normalization)
    assert classifier.probabilities(x).sum(axis=1) == pytest.approx([1, 1])
    assert classifier.note == ""
    classifier._network.row = rows(nonsense)[0]
    for _ in range(2):
        assert np.isnan(classifier.probabilities(x)).all()
        assert classifier.note.count("no probabilities") == 1


def test_both_notes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.model.scores.Network", Says)
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    classifier = Classifier(replace(loaded, edgetpu=b"compiled elsewhere"))
    classifier._network.row = rows([np.nan, 0, 0])[0]
    classifier.probabilities(normalize(faces(1), loaded.card.input.normalization))
    assert classifier.note.startswith("EdgeTPU not used")
    assert "; The model gave scores that are no probabilities" in classifier.note


def test_it_goes_by_its_bundles_name_and_says_what_it_runs_on(classifier: Classifier) -> None:
    assert classifier.id == bundle.load(bundle.shipped("engagement"), kind="engagement").id
    assert "litert" in classifier.runtime or "tflite" in classifier.runtime
