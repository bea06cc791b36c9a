"""No figure is finer than one person, and none follows a trembling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.aggregate.rounding import Held, step


@pytest.mark.parametrize(
    ("judged", "size"),
    [(1.9, 1), (2, 0.5), (4.9, 0.5), (5, 0.2), (9.9, 0.2), (10, 0.1), (20, 0.05), (50, 0.02), (100, 0.01), (900, 0.01)],
)
def test_a_step_is_never_less_than_what_one_person_weighs(judged: float, size: float) -> None:
    assert step(judged) == size
    assert size >= 1 / judged


def parts(engaged: float) -> np.ndarray:
    return np.array([1 - engaged, 0, engaged])


def test_what_was_told_is_held_until_a_share_has_moved_by_a_step() -> None:
    held = Held()
    told = [held.round(parts(high), 0.1)[2] for high in (0.5, 0.59, 0.41, 0.6001, 0.51, 0.4999)]
    assert told == [0.5, 0.5, 0.5, 0.6, 0.6, 0.5]


def test_another_step_rounds_anew() -> None:
    held = Held()
    assert [held.round(parts(0.57), size)[2] for size in (0.2, 0.1, 0.05)] == [0.6, 0.6, 0.55]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20), st.integers(2, 120))
def test_whatever_comes_it_is_off_by_less_than_two_steps_adds_up_and_lies_on_the_steps(
    drawn: list[tuple[float, float]], judged: int
) -> None:
    held, size = Held(), step(judged)
    for first, second in drawn:
        low, high = sorted((first, second))
        shares = np.array([low, high - low, 1 - high])
        told = held.round(shares, size)
        assert sum(told) == pytest.approx(1)
        assert min(told) >= 0
        assert np.abs(np.array(told) - shares).max() <= 1.5 * size
        assert (np.array(told) / size) == pytest.approx(np.rint(np.array(told) / size))
