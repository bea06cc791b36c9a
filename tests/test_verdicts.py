import msgspec
import numpy as np
import pytest

from edge.flow import Faces, Frame
from edge.model import bundle
from edge.model.card import Reliability
from edge.model.scores import Classifier
from edge.stages import Stages
from edge.verdicts import Verdicts


class Asked(Classifier):
    """The shipped classifier, which counts the faces it is shown."""

    count = 0

    def probabilities(self, x):
        self.count += len(x)
        return super().probabilities(x)


@pytest.fixture
def classifier():
    return Asked(bundle.load(bundle.shipped("engagement"), kind="engagement"))


def frame(second, seed=0):
    return Frame(np.random.default_rng(seed).integers(0, 255, (90, 160, 3), np.uint8), second, 0)


def faces(*numbers):
    boxes = np.array([[30 * n, 20, 25, 30] for n in numbers], np.float32).reshape(-1, 4)
    points = np.zeros((len(numbers), 6, 2), np.float32)
    return Faces(boxes, np.ones(len(numbers), np.float32), points, np.array(numbers, np.int64))


def test_every_face_has_a_verdict_in_every_frame(classifier):
    verdicts = Verdicts(classifier, Stages())
    for number in range(10):
        scores = verdicts.on(frame(number / 15), faces(0, 1, 2))
        assert scores.tracks.tolist() == [0, 1, 2]
        assert scores.probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert verdicts.on(frame(1), faces()).probabilities.shape == (0, 3)


def test_a_face_is_asked_about_five_times_a_second(classifier):
    verdicts = Verdicts(classifier, Stages())
    for number in range(150):
        verdicts.on(frame(number / 15), faces(0, 1))
    assert classifier.count == 2 * 50


def test_a_slow_camera_has_every_face_asked_about(classifier):
    verdicts = Verdicts(classifier, Stages())
    for second in range(5):
        verdicts.on(frame(second), faces(0, 1))
    assert classifier.count == 2 * 5


def test_what_is_shown_later_is_what_counts_later(classifier):
    verdicts = Verdicts(classifier, Stages())
    verdicts.on(frame(0.0, seed=0), faces(0, 1))
    later = verdicts.on(frame(0.3, seed=1), faces(1, 0)).probabilities
    alone = Verdicts(classifier, Stages()).on(frame(0.3, seed=1), faces(1, 0)).probabilities
    assert later == pytest.approx(alone)


def test_who_comes_is_asked_about_at_once_and_who_went_is_forgotten(classifier):
    verdicts = Verdicts(classifier, Stages())
    verdicts.on(frame(0.0), faces(0))
    verdicts.on(frame(0.05), faces(0, 1))
    assert classifier.count == 2
    verdicts.on(frame(0.1), faces(1))
    verdicts.on(frame(0.15), faces(0, 1))
    assert classifier.count == 3


def test_nothing_is_known_after_forget(classifier):
    verdicts = Verdicts(classifier, Stages())
    verdicts.on(frame(0.0), faces(0))
    verdicts.forget()
    verdicts.on(frame(0.05), faces(0))
    assert classifier.count == 2


def test_a_face_the_model_can_tell_nothing_of_has_no_verdict(classifier, monkeypatch):
    usual = Classifier.probabilities

    def but_for_the_second(self, x):
        rows = usual(self, x)
        rows[1:2] = np.nan
        return rows

    monkeypatch.setattr(Classifier, "probabilities", but_for_the_second)
    scores = Verdicts(classifier, Stages()).on(frame(0.0), faces(4, 5, 6))
    assert scores.tracks.tolist() == [4, 6]
    assert scores.probabilities.sum(axis=1) == pytest.approx(np.ones(2), abs=1e-5)


def test_each_verdict_comes_with_how_wrong_it_may_be_at_the_faces_size(classifier):
    measured = (
        Reliability(height=24, auc=0.8, spread=0.4, shared=0.2),
        Reliability(height=48, auc=0.9, spread=0.2, shared=0.1),
    )
    wanted = msgspec.structs.replace(classifier.card.input, margin=0)
    classifier.card = msgspec.structs.replace(classifier.card, reliability=measured, input=wanted)
    seen = faces(0, 1)
    seen.boxes[:, 2:] = [[20, 24], [40, 48]]
    scores = Verdicts(classifier, Stages()).on(frame(0.0), seen)
    assert scores.errors == pytest.approx(np.array([[0.4, 0.2], [0.2, 0.1]]))
