"""One graph, whatever numbers it takes: pictures go in as they are, figures come out as they were meant."""

from __future__ import annotations

import numpy as np
import pytest

from edge.errors import Problem
from edge.model import bundle, runtime
from edge.model.runtime import Network, edgetpu_delegate


def network(name: str) -> Network:
    return Network(bundle.load(bundle.shipped(name), kind=None).model)


def test_the_detector_takes_the_bytes_of_a_picture_as_they_are() -> None:
    detector = network("detector")
    picture = np.random.default_rng(0).integers(0, 256, detector.input_shape, np.uint8)
    assert detector.takes_bytes
    for as_bytes, as_shares in zip(detector.run(picture), detector.run(picture.astype(np.float32) / 255), strict=True):
        np.testing.assert_array_equal(as_bytes, as_shares)


def test_a_classifier_is_given_numbers_and_keeps_within_its_eight_bits() -> None:
    classifier = network("engagement")
    assert not classifier.takes_bytes
    far, farther = (np.full(classifier.input_shape, value, np.float32) for value in (1e3, 1e6))
    np.testing.assert_array_equal(classifier.run(far)[0], classifier.run(farther)[0])
    steps = np.unique(np.diff(np.unique(classifier.run(np.zeros(classifier.input_shape, np.float32))[0])))
    assert (steps > 0).all()


@pytest.mark.parametrize(
    ("kind", "scale", "zero", "bytes_"),
    [
        (np.uint8, 1 / 255, 0, True),
        (np.uint8, 2 / 255, 0, False),
        (np.uint8, 1 / 255, 1, False),
        (np.int8, 1 / 255, 0, False),
        (np.float32, 1 / 255, 0, False),
    ],
)
def test_bytes_are_taken_where_a_step_is_a_255th_from_zero_on(kind, scale, zero, bytes_) -> None:
    assert runtime._is_bytes({"dtype": kind, "quantization": (scale, zero)}) is bytes_


def test_without_a_runtime_it_says_which_to_install(monkeypatch) -> None:
    monkeypatch.setattr(runtime, "_RUNTIMES", (("no_such_runtime.interpreter", "none"),))
    with pytest.raises(Problem, match="No TFLite runtime is installed"):
        network("engagement")


def test_without_a_coral_it_says_why_there_is_no_delegate() -> None:
    delegate, why = edgetpu_delegate()
    assert delegate is None
    assert "libedgetpu" in why
