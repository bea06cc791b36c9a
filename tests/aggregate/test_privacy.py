"""The window forgets, and the gate withholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.aggregate.privacy import release
from edge.aggregate.record import Aggregate, Measured
from edge.aggregate.window import Window

LOW, HIGH = np.array([1, 0, 0], np.float32), np.array([0, 0, 1], np.float32)


def gate(window: Window, k: int = 5) -> Aggregate:
    return release(window.close(), k=k, seq=1, start="2026-11-21T09:00:10Z", model="m@1")


def watched(faces: int, *, fps: float = 10, until: float = 10) -> Window:
    window = Window(0, 10)
    for at in np.arange(0, until, 1 / fps) + 1 / fps:
        window.add(float(at), np.arange(faces), np.tile(HIGH, (faces, 1)), 1.0)
    return window


def test_fewer_faces_than_k_are_not_told() -> None:
    assert gate(watched(4)).status == "suppressed"
    assert isinstance(gate(watched(5)), Measured)


def test_one_person_lost_and_found_again_does_not_count_as_many() -> None:
    window = Window(0, 10)
    for n in range(100):
        window.add(n / 10, np.array([n]), HIGH[None], 1.0)  # a new track number on every frame
    assert gate(window).status == "suppressed"


def test_nobody_weighs_more_than_one_kth() -> None:
    window = Window(0, 10)
    for n in range(101):
        at = n / 10
        passing = np.array([1 + n % 9, 11 + n % 7, 21 + n % 5, 31 + n % 3])  # four seats, people come and go
        tracks = np.concatenate([[0], passing])
        window.add(at, tracks, np.concatenate([HIGH[None], np.tile(LOW, (4, 1))]), 1.0)
    record = gate(window)
    assert isinstance(record, Measured)
    assert record.levels.high <= 1 / 5


def test_a_window_hardly_seen_is_blind() -> None:
    assert gate(watched(12, until=4)).status == "blind"


def test_a_hung_camera_does_not_count_as_observed() -> None:
    window = Window(0, 10)
    window.add(0.1, np.arange(6), np.tile(HIGH, (6, 1)), 1.0)
    window.add(9.9, np.arange(6), np.tile(HIGH, (6, 1)), 1.0)
    assert gate(window).status == "blind"


def test_coverage_is_the_share_of_room_and_time() -> None:
    window = Window(0, 10)
    for n in range(1, 81):  # eight of ten seconds, half of the room
        window.add(n / 10, np.arange(6), np.tile(HIGH, (6, 1)), 0.5)
    record = gate(window)
    assert isinstance(record, Measured)
    assert record.coverage == pytest.approx(0.4, abs=0.01)


def test_a_blink_is_smoothed() -> None:
    window = Window(0, 10)
    for n in range(101):
        tired = LOW if n == 50 else HIGH
        window.add(n / 10, np.arange(6), np.tile(tired, (6, 1)), 1.0)
    record = gate(window)
    assert isinstance(record, Measured)
    assert record.levels.high > 0.98


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 30), max_size=15, unique=True), min_size=1, max_size=30),
    st.integers(2, 10),
    st.integers(0, 2**31),
)
def test_whatever_happens_shares_add_up_and_the_threshold_holds(seen: list[list[int]], k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    window = Window(0, 10)
    for n, tracks in enumerate(seen):
        probabilities = draw.dirichlet(np.ones(3), len(tracks)).astype(np.float32).reshape(-1, 3)
        window.add((n + 1) * 10 / len(seen), np.array(tracks, np.int64), probabilities, 1.0)
    record = gate(window, k)
    if isinstance(record, Measured):
        assert record.faces >= k
        assert record.levels.low + record.levels.mid + record.levels.high == pytest.approx(1)
        assert min(record.levels.low, record.levels.mid, record.levels.high) >= 0
    if max(map(len, seen)) < k:
        assert not isinstance(record, Measured)
