"""A temperature makes a boaster honest, and nobody's own pictures choose theirs."""

from __future__ import annotations

import numpy as np
import pytest

from edge.model.temperature import tempered
from train.figures.calibration import best_temperature, left_out, trust
from train.figures.change import compare


def boaster(draw, *, by: float, count: int = 6000):
    """Answers of a network whose scores are `by` times too large; every subject has its share."""
    honest = draw.dirichlet(np.ones(3), count)
    y = np.array([draw.choice(3, p=row) for row in honest])
    return tempered(honest.astype(np.float32), 1 / by), y, draw.integers(0, 8, count).astype(str)


@pytest.mark.parametrize("by", [0.6, 1.0, 2.0])
def test_the_temperature_that_was_boasted_is_found(draw, by):
    p, y, _ = boaster(draw, by=by)
    assert best_temperature(p, y) == pytest.approx(by, rel=0.1)


def test_the_calibration_error_falls_and_its_interval_says_so(draw):
    p, y, groups = boaster(draw, by=2.0)
    found = compare(y, groups, p, left_out(p, y, groups), seed=0, figures=trust)
    error, loss = found["calibration error"], found["log loss"]
    assert error["before"].value > 0.1
    assert error["after"].value < 0.03
    assert error["change"].high < 0
    assert loss["change"].high < 0


def test_nobody_chooses_their_own_temperature(draw):
    p, y, groups = boaster(draw, by=2.0, count=1200)
    before = left_out(p, y, groups)
    odd = groups == "3"
    wrong = np.where(odd, (y + 1) % 3, y)  # one person's labels change
    after = left_out(p, wrong, groups)
    np.testing.assert_array_equal(before[odd], after[odd])
    assert not np.allclose(before[~odd], after[~odd])
