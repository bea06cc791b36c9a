"""A window adds up what was seen for as long as it holds, and forgets every face."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.aggregate.window import HOLDS, Window

LOW, MID, HIGH = np.eye(3, dtype=np.float32)
S = 1_000_000  # a second, as windows count


def see(window: Window, at: float, *tracks: int, level: np.ndarray = HIGH, coverage: float = 1.0) -> None:
    window.add(at, np.array(tracks, np.int64), np.tile(level, (len(tracks), 1)), coverage)


def test_what_was_seen_holds_until_the_next_frame() -> None:
    window = Window(100, 10)
    see(window, 101, 1, 2, coverage=0.5)
    see(window, 102.5, 1, 2, 3)
    window.skip(103.5)
    sums = window.close()
    assert (sums.length, sums.observed, sums.person_time) == (10 * S, 2.5 * S, (2 * 1.5 + 3) * S)
    assert sums.covered == (0.5 * 1.5 + 1) * S
    assert sums.levels.tolist() == [0, 0, 6 * S]


def test_it_holds_for_two_seconds_at_most() -> None:
    assert HOLDS == 2
    window = Window(0, 10)
    see(window, 1, 1)
    see(window, 7, 1)
    assert window.close().observed == 2 * HOLDS * S
    late = Window(0, 10)
    see(late, 9, 1)
    assert late.close().observed == S


def test_the_last_view_holds_on_in_the_next_window_but_no_face_does() -> None:
    first = Window(0, 10)
    see(first, 9, 1, 2, level=LOW)
    first.close()
    second = Window(10, 10, first.view)
    see(second, 10.5, 1, 2, level=HIGH)
    sums = second.close(11)
    assert sums.levels.tolist() == [2 * 0.5 * S, 0, 2 * 0.5 * S], "not smoothed over the border"
    assert (sums.length, sums.observed) == (S, S)


def test_a_view_that_holds_no_longer_is_worth_nothing() -> None:
    first = Window(0, 10)
    see(first, 9, 1)
    first.close()
    assert Window(11, 10, first.view).close().observed == 0
    assert Window(40, 10, first.view).close().observed == 0
    assert Window(10.5, 10, first.view).close().observed == S / 2


def test_after_a_dark_frame_nothing_holds() -> None:
    window = Window(0, 10)
    see(window, 9, 1)
    window.skip(9.5)
    assert window.close().observed == S / 2
    assert window.view is None


def test_time_that_goes_back_takes_nothing_away_and_counts_nothing_twice() -> None:
    window = Window(0, 10)
    see(window, 5, 1)
    see(window, 6, 1)
    see(window, 3, 1)
    window.skip(6.5)
    sums = window.close()
    assert (sums.observed, sums.person_time) == (1.5 * S, 1.5 * S)
    assert sums.length == 10 * S


def test_nothing_beyond_its_ends_counts() -> None:
    window = Window(10, 10)
    see(window, 9, 1)
    see(window, 19.5, 1)
    see(window, 21, 1)
    sums = window.close(25)
    assert (sums.length, sums.observed) == (10 * S, (2 + 0.5) * S)


def test_a_face_is_smoothed_over_two_seconds() -> None:
    window = Window(100, 10)
    see(window, 100, 7, level=LOW)
    see(window, 101, 7, level=HIGH)
    sums = window.close(102)
    high = 1 - math.exp(-1 / 2)
    assert sums.levels == pytest.approx([S + (1 - high) * S, 0, high * S])


def test_faces_are_smoothed_each_by_itself_in_whatever_order_they_come() -> None:
    window = Window(0, 10)
    window.add(0, np.array([5, 2]), np.stack([LOW, HIGH]), 1.0)
    window.add(1, np.array([2, 9, 5]), np.stack([HIGH, MID, LOW]), 1.0)
    assert window.close(2).levels.tolist() == [2 * S, S, 2 * S]


def test_orientation_is_added_up_only_of_those_who_tell() -> None:
    window = Window(0, 10)
    window.add(0, np.arange(4), np.tile(HIGH, (4, 1)), 1.0, np.array([1.0, 2.0, 0.0]))
    see(window, 1, 1)
    assert window.close(2).orientation.tolist() == [S, 2 * S, 0]


moments = st.lists(
    st.tuples(st.floats(0, 12), st.lists(st.integers(0, 9), max_size=6, unique=True), st.booleans()), max_size=30
)


@given(moments, st.integers(0, 2**31))
def test_sums_hold_together_whatever_comes(frames: list[tuple[float, list[int], bool]], seed: int) -> None:
    """Frames, gaps, darkness, in order or not: no time is made, each face is worth its time, levels share it."""
    draw = np.random.default_rng(seed)
    window = Window(0, 10)
    for at, tracks, dark in frames:
        if dark:
            window.skip(at)
        else:
            rows = draw.dirichlet(np.ones(3), len(tracks)).astype(np.float32).reshape(-1, 3)
            window.add(at, np.array(tracks, np.int64), rows, 0.5)
    sums = window.close()
    assert 0 <= sums.observed <= sums.length == 10 * S
    assert sums.covered == sums.observed / 2
    assert sums.person_time <= sums.observed * max((len(t) for _, t, _ in frames), default=0)
    assert (sums.levels >= 0).all()
    assert sums.levels.sum() == pytest.approx(sums.person_time, rel=1e-6)


def test_those_too_small_to_be_judged_are_counted_and_weigh_nothing() -> None:
    window = Window(0, 10)
    window.add(0, np.array([1, 2]), np.stack([LOW, HIGH]), 1.0, unjudged=3, errors=np.array([[0.3, 0.1], [0.1, 0.2]]))
    sums = window.close(1)
    assert (sums.person_time, sums.judged_time) == (5 * S, 2 * S)
    assert sums.levels.tolist() == [S, 0, S]
    # The first error squared, each times the time of the face.
    assert sums.errors == pytest.approx([0.10 * S, 0.3 * S])


def test_errors_that_are_not_known_stay_unknown() -> None:
    window = Window(0, 10)
    see(window, 0, 1, 2)
    assert np.isnan(window.close(1).errors).all()
