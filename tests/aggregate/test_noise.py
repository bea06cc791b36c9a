"""Noise by OpenDP: as much as it says, and paid for."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.aggregate.budget import Budget

pytest.importorskip("opendp", reason="pip install 'edge-engage[noise]'")
from edge.aggregate.noise import LaplaceNoise

SHARES = np.array([0.3, 0.3, 0.4])


def noise(epsilon: float = 1, lesson: float = 1e9) -> LaplaceNoise:
    budget = Budget(lesson=lesson, lesson_seconds=2700, day=1e9, wall=lambda: 0, file=None)
    return LaplaceNoise(epsilon, budget)


def test_without_opendp_the_sensor_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['opendp'] = None\n"
        "from edge.cli import main; sys.exit(main(['run', '--source', 'edge/demo/classroom.mp4']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"EDGE_ENGAGE_PRIVACY_EPSILON": "0.5", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'edge-engage[noise]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_noise_is_as_wide_as_it_says() -> None:
    blurred = noise(4)
    engaged = [s[1] / 2 + s[2] for s in (blurred.add(SHARES, 30) for _ in range(400))]
    assert blurred.deviation(30) == pytest.approx(2 / 30 / 4, rel=0.01)
    # Four standard errors either way.
    assert np.std(engaged) == pytest.approx(blurred.deviation(30), rel=0.25)
    assert np.mean(engaged) == pytest.approx(0.55, abs=4 * blurred.deviation(30) / 20)


def test_a_smaller_class_and_a_smaller_epsilon_cost_more_of_it() -> None:
    assert noise(1).deviation(5) > 3.9 * noise(1).deviation(20)
    assert noise(0.5).deviation(20) == pytest.approx(2 * noise(1).deviation(20))


def test_when_the_budget_is_spent_nothing_comes() -> None:
    blurred = noise(0.5, lesson=1)
    given = [blurred.add(SHARES, 10) is not None for _ in range(3)]
    assert given == [True, True, False]


@given(st.tuples(st.floats(0, 1), st.floats(0, 1)), st.floats(1, 100), st.floats(0.01, 5))
def test_what_comes_is_shares_whatever_the_noise(drawn: tuple[float, float], judged: float, epsilon: float) -> None:
    low, high = sorted(drawn)
    shares = noise(epsilon).add(np.array([low, high - low, 1 - high]), judged)
    assert shares is not None
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1)


def test_one_person_is_told_by_less_than_epsilon() -> None:
    """Two classes of five that differ in what one shows: no answer is e^epsilon times likelier in one of them."""
    blurred, times = noise(1), 3000
    one, other = np.array([0.4, 0.2, 0.4]), np.array([0.2, 0.2, 0.6])
    low = [[blurred.add(shares, 5)[0] < 0.3 for _ in range(times)] for shares in (one, other)]
    first, second = np.mean(low[0]), np.mean(low[1])
    assert first < second, "noise does not hide it all"
    slack = 1.15  # chance, in 3,000 answers
    assert second <= np.e * first * slack
    assert 1 - first <= np.e * (1 - second) * slack
