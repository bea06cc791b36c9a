"""Window after window, without a gap and without an overlap."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.aggregate.series import Series, following
from edge.aggregate.window import HOLDS, Sums

HIGH = np.array([[0, 0, 1]], np.float32)
S = 1_000_000


class Played:
    def __init__(self, seconds: float = 10) -> None:
        self.told: list[tuple[float, Sums]] = []
        self.series = Series(seconds, lambda start, sums: self.told.append((start, sums)))

    def see(self, at: float, faces: int = 1) -> None:
        self.series.at(at).add(at, np.arange(faces), np.repeat(HIGH, faces, axis=0), 1.0)

    @property
    def starts(self) -> list[float]:
        return [start for start, _ in self.told]


def test_a_window_begins_with_the_first_moment_and_the_next_where_it_ends() -> None:
    played = Played()
    for at in (3, 12.9, 13, 22.9, 23):
        played.see(at)
    assert played.starts == [3, 13]
    assert played.series.at(23).start == 23


def test_what_was_seen_last_holds_over_a_windows_end() -> None:
    played = Played()
    for at in (0, 9.5, 20.5):
        played.see(at)
    assert [sums.observed for _, sums in played.told] == [2.5 * S, 1.5 * S]


def test_two_windows_missed_are_told_and_more_are_one_standstill() -> None:
    assert following(10, 29.9, 10) == 10
    assert following(10, 30, 10) == 30
    played = Played()
    played.see(0)
    played.see(29.9)
    assert played.starts == [0, 10]
    played.see(100)
    assert played.starts == [0, 10, 20]
    assert played.series.at(100).start == 100


def test_an_end_tells_the_part_there_is() -> None:
    played = Played()
    played.see(0)
    played.see(10.5)
    played.series.end(11.0)
    assert [(start, sums.length) for start, sums in played.told] == [(0, 10 * S), (10, S)]
    assert played.series.at(12).start == 12, "the next begins anew"


def test_an_end_tells_windows_that_ended_before() -> None:
    played = Played()
    played.see(0)
    played.series.end(10.9)
    assert [(start, sums.length) for start, sums in played.told] == [(0, 10 * S)]


def test_an_end_without_a_beginning_tells_nothing() -> None:
    played = Played()
    played.series.end(100)
    assert played.told == []


def test_a_dropped_window_leaves_nothing_behind() -> None:
    played = Played()
    played.see(0)
    played.series.drop()
    played.series.at(0.5)
    played.series.end(5.5)
    ((start, sums),) = played.told
    assert (start, sums.observed) == (0.5, 0)


steps = st.lists(
    st.tuples(st.sampled_from(["frame", "frame", "frame", "dark", "nothing", "pause"]), st.floats(0.01, 30)),
    max_size=40,
)


@given(steps, st.sampled_from([1, 2, 10]), st.integers(1, 5))
def test_whatever_is_played_each_window_tells_what_was_seen_in_it(
    played_steps: list[tuple[str, float]], seconds: int, faces: int
) -> None:
    """Against a plain account: a frame is worth the time to whatever comes next, for two seconds at most."""
    now, holds_until = 100.0, 0.0
    seen: list[tuple[float, float]] = []
    played = Played(seconds)
    for what, gap in [*played_steps, ("nothing", seconds + 0.01)]:
        seen.append((now, min(now + gap, holds_until)))
        now += gap
        if what == "pause":
            played.series.drop()
        elif what == "frame":
            played.see(now, faces)
        elif what == "dark":
            played.series.at(now).skip(now)
        else:
            played.series.at(now)
        if what != "nothing":
            holds_until = now + HOLDS if what == "frame" else 0.0
    for start, sums in played.told:
        end = start + seconds
        expected = sum(max(0.0, min(end, until) - max(start, since)) for since, until in seen)
        assert sums.observed / S == pytest.approx(expected, abs=1e-4)
        assert sums.person_time == faces * sums.observed
        assert sums.length == pytest.approx(seconds * S, abs=1)
    assert all(later >= start + seconds for start, later in itertools.pairwise(played.starts))
