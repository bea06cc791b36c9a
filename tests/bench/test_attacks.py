"""The attacks of docs/privacy.md, fewer times: what they gained with two digits, and what the gate leaves of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("opendp", reason="pip install 'edge-engage[noise]'")
sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from attacks import ATTACKS, gains, utility

GATES = ("k and hundredths", "on", "strict")


@pytest.mark.parametrize("name", ["leaver, class of 10", "joiner, class of 10"])
def test_a_difference_of_two_windows_told_all_and_tells_little(name: str) -> None:
    """Of a class in which nobody else changes, the worst case. Guessing has an AUC of 0.5 and an error of 0.3."""
    found = gains(ATTACKS[name], GATES, lively=False, trials=24, seed=1, epsilon=0.5)
    assert found["k and hundredths"]["auc"] > 0.97
    assert found["k and hundredths"]["error"] < 0.1
    for gate in ("on", "strict"):
        assert found[gate]["auc"] < 0.9
        assert found[gate]["error"] > 0.2


def test_one_window_with_known_faces_told_all_and_tells_at_most_on_which_side() -> None:
    found = gains(ATTACKS["forger with k - 1 faces, one window"], GATES, lively=False, trials=200, seed=1, epsilon=0.5)
    assert found["k and hundredths"]["error"] < 0.1
    assert found["on"]["error"] > 2 * found["k and hundredths"]["error"]


def test_a_lesson_with_people_coming_and_going_is_told_often_and_not_far_off() -> None:
    found = utility(20, epsilon=None, trials=1, seed=0)
    assert found["windows told"] > 0.9
    assert found["error in 19 of 20"] <= 0.1
