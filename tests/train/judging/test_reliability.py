"""The measured errors of a reading are those that a class's reading then has."""

from __future__ import annotations

import numpy as np
import pytest

from edge.model.card import Reliability
from train.datasets.dataset import Dataset, Sample
from train.judging.as_seen import PUBLISHED
from train.judging.reliability import errors_of, reliability

WORTH = np.array([0, 0.5, 1])


def test_the_two_errors_add_up_to_that_of_classes_of_any_size_and_mix():
    """A made-up network: it reads low too high and high too low, and differs from face to face."""
    rng = np.random.default_rng(0)
    bias, differs = np.array([0.2, 0.05, -0.3]), np.array([0.1, 0.2, 0.3])
    y = np.repeat([0, 1, 2], 4000)
    engaged = WORTH[y] + bias[y] + differs[y] * rng.standard_normal(len(y))
    spread, shared = errors_of(engaged, y, np.arange(len(y)).astype(str))
    for size in (1, 5, 30):
        mixes = rng.dirichlet([1, 1, 1], 20_000)
        levels = (rng.random((20_000, size, 1)) > np.cumsum(mixes, axis=1)[:, None, :]).sum(axis=2)
        error = (bias[levels] + differs[levels] * rng.standard_normal(levels.shape)).mean(axis=1)
        assert np.sqrt((error**2).mean()) == pytest.approx(np.sqrt(spread**2 / size + shared**2), rel=0.02)


def test_everybody_counts_as_one_however_many_pictures_there_are_of_them():
    y, engaged = np.array([0, 0, 0, 0, 1, 2]), np.array([0.4, 0.4, 0.4, 0.0, 0.5, 1.0])
    once = np.array(["a", "b", "b", "b", "c", "c"])
    # The first picture is one person's, the next three another's: the mean error of low is that of two people.
    assert errors_of(engaged, y, once) == pytest.approx(
        errors_of(
            np.array([0.4, 0.4, 0.4, 0.0, 0.4, 0.4, 0.0, 0.5, 1.0]),
            np.array([0] * 7 + [1, 2]),
            np.array(["a", "b", "b", "b", "b", "b", "b", "c", "c"]),
        )
    )


def data(labels: tuple[str, ...], y: list[int]) -> Dataset:
    return Dataset("some", labels, tuple(Sample(label, "", np.empty, group=f"{n}") for n, label in enumerate(y)))


def test_only_heights_are_measured_and_they_rise():
    p = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]
    answers = {PUBLISHED: p, "24 px": p, "16 px": np.roll(p, 1, axis=0), "32 px, dark": p}
    rows = reliability(answers, data(("low", "mid", "high"), [0, 1, 2, 0]))
    assert [row.height for row in rows] == [16, 24]
    assert rows[1] == Reliability(height=24, auc=1, spread=0, shared=0)
    assert rows[0].auc < 1
    assert rows[0].spread > 0.1


def test_nothing_is_said_where_the_data_do_not_hold_all_levels():
    p = np.eye(3, dtype=np.float32)[[0, 1, 1]]
    assert reliability({"24 px": p}, data(("low", "mid", "high"), [0, 1, 1])) == ()
    assert reliability({"24 px": p}, data(("disengaged", "engaged"), [0, 1, 1])) == ()
