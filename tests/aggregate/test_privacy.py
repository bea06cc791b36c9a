"""The gate withholds what too few shared, what was hardly seen, and what is no figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from edge.aggregate.company import Company
from edge.aggregate.privacy import Gate, withhold
from edge.aggregate.record import Aggregate, Levels, Measured, Orientation, Privacy, Withheld
from edge.aggregate.window import Sums, Window

LOW, HIGH = np.array([1, 0, 0], np.float32), np.array([0, 0, 1], np.float32)
S = 1_000_000  # a second, as windows count
TELL = {"at": 0, "seq": 1, "start": "2026-11-21T09:00:10Z", "model": "m@1"}


def gate(sums: Sums, k: int = 5, *, orientation: bool = False) -> Aggregate:
    return Gate(k=k, orientation=orientation, company=Company(1, 1)).release(sums, **TELL)


def summed(faces: float = 6, *, length: float = 10, observed: float = 10, **more: object) -> Sums:
    """Sums of a window in which so many faces looked engaged on average."""
    person_time = round(faces * observed * S)
    plain = Sums(
        length=round(length * S),
        observed=round(observed * S),
        covered=observed * S,
        person_time=person_time,
        judged_time=person_time,
        levels=HIGH * person_time,
        errors=np.array([0.09, 0.1]) * person_time,
        orientation=np.zeros(3),
    )
    return replace(plain, **more)


def watched(faces: int, *, times: np.ndarray) -> Sums:
    window = Window(0, 10)
    for at in times:
        window.add(float(at), np.arange(faces), np.tile(HIGH, (faces, 1)), 1.0)
    return window.close()


def test_a_record_says_what_the_sums_say() -> None:
    sums = summed(
        observed=8,
        covered=7.456 * S,
        person_time=64 * S,
        judged_time=52 * S,
        levels=np.array([12.9, 26, 13.1]) * S,
        errors=np.array([0.09, 0.1]) * 52 * S,
        orientation=np.array([10, 20, 10.0]) * S,
    )
    # Steps of 0.2: one of 6.5 weighs 0.15. 1.2816 times the root of
    # 0.09 / 6.5 + 0.01 + 0.125 * (1 / 6.5 - 1 / 8) + 0.2**2 / 6 is 0.2363.
    assert gate(sums, orientation=True) == Measured(
        seq=1,
        start="2026-11-21T09:00:10Z",
        seconds=10,
        faces=8,
        judged=6,
        engaged=0.5,
        engaged_low=0.26,
        engaged_high=0.74,
        levels=Levels(0.2, 0.6, 0.2),
        coverage=0.75,
        orientation=Orientation(0.2, 0.6, 0.2),
        model="m@1",
        privacy=Privacy(5),
    )


def test_a_withheld_record_says_why_and_no_more() -> None:
    common = {"seq": 3, "start": "2026-11-21T09:00:10Z", "seconds": 10, "model": "m@1"}
    assert withhold("paused", k=4, **common) == Withheld(status="paused", privacy=Privacy(4), **common)
    few = gate(summed(1, length=9.96))
    assert (few.status, few.seconds, few.seq, few.model, few.privacy) == ("suppressed", 10, 1, "m@1", Privacy(5))
    assert gate(summed(1, length=2.46, observed=2)).seconds == 2.5


def test_fewer_faces_than_k_on_average_are_not_told() -> None:
    assert gate(summed(4)).status == "suppressed"
    assert gate(summed(4.99)).status == "suppressed", "rounded it would be five"
    assert isinstance(gate(summed(5)), Measured)


@given(st.integers(2, 40), st.lists(st.floats(0, 10), min_size=1), st.floats(0.1, 0.3))
def test_exactly_k_faces_are_told_whatever_the_clock(k: int, more: list[float], step: float) -> None:
    times = np.sort(np.concatenate([np.arange(0, 10, step), more]))
    assert isinstance(gate(watched(k, times=times), k), Measured)
    assert gate(watched(k - 1, times=times), k).status == "suppressed"


def test_one_for_half_the_time_and_nine_for_the_other_are_five_on_average() -> None:
    """What the threshold promises: nobody weighs more than 1/k. Not that k are there at every moment."""
    window = Window(0, 10)
    for n in range(100):
        faces = 1 if n < 50 else 9
        levels = np.concatenate([LOW[None], np.tile(HIGH, (8, 1))])[:faces]
        window.add(n / 10, np.arange(faces), levels, 1.0)
    record = gate(window.close())
    assert isinstance(record, Measured)
    assert (record.faces, record.levels.low) == (5, 0.2)


def test_one_person_lost_and_found_again_does_not_count_as_many() -> None:
    window = Window(0, 10)
    for n in range(100):
        window.add(n / 10, np.array([n]), HIGH[None], 1.0)  # a new track number on every frame
    assert gate(window.close()).status == "suppressed"


def test_nobody_weighs_more_than_one_kth() -> None:
    window = Window(0, 10)
    for n in range(100):
        at = n / 10
        passing = np.array([1 + n % 9, 11 + n % 7, 21 + n % 5, 31 + n % 3])  # four seats, people come and go
        tracks = np.concatenate([[0], passing])
        window.add(at, tracks, np.concatenate([HIGH[None], np.tile(LOW, (4, 1))]), 1.0)
    record = gate(window.close())
    assert isinstance(record, Measured)
    assert record.levels.high <= 1 / 5


def test_a_window_seen_for_less_than_half_its_time_is_blind() -> None:
    assert gate(summed(12, observed=4.999999)).status == "blind"
    assert isinstance(gate(summed(12, observed=5)), Measured)
    assert gate(summed(1, observed=4)).status == "blind", "not suppressed: nothing is known of how many there are"
    assert gate(summed(0, observed=0)).status == "blind"


def test_a_hung_camera_does_not_count_as_observed() -> None:
    assert gate(watched(6, times=np.array([0.1, 9.9]))).status == "blind"


def test_coverage_is_the_share_of_room_and_time() -> None:
    for covered, share in ((4.0, 0.4), (0.0, 0.0), (8.0, 0.8)):
        record = gate(summed(observed=8, covered=covered * S))
        assert isinstance(record, Measured)
        assert record.coverage == share


def test_a_blink_is_smoothed() -> None:
    window = Window(0, 10)
    for n in range(100):
        window.add(n / 10, np.arange(6), np.tile(LOW if n == 50 else HIGH, (6, 1)), 1.0)
    record = gate(window.close())
    assert isinstance(record, Measured)
    assert record.levels.high > 0.98


def test_orientation_is_told_of_at_least_k_faces_that_showed_it() -> None:
    points = np.array([20.0, 20, 10]) * S
    told = gate(summed(9, orientation=points), orientation=True)
    assert isinstance(told, Measured)
    assert told.orientation == Orientation(0.4, 0.4, 0.2), "steps of those who showed it"
    for few in (points - np.array([1, 0, 0]), np.zeros(3)):
        kept = gate(summed(9, orientation=few), orientation=True)
        assert isinstance(kept, Measured)
        assert kept.orientation is UNSET
    unasked = gate(summed(9, orientation=points))
    assert isinstance(unasked, Measured)
    assert unasked.orientation is UNSET


@pytest.mark.parametrize(
    "nonsense",
    [
        {"levels": np.array([np.nan, 1, 1])},
        {"levels": np.array([np.inf, 1, 1])},
        {"levels": np.array([-1, 70, 1.0])},
        {"levels": np.zeros(3)},
        {"levels": np.array([-9e16, 9e16, 1])},
        {"covered": np.nan},
        {"covered": -1.0},
        {"covered": 11.0 * S},
    ],
    ids=str,
)
def test_what_is_no_figure_is_withheld(nonsense: dict[str, object]) -> None:
    assert gate(summed(**nonsense)) == gate(summed(1))


def test_shares_that_are_no_figures_take_only_orientation_away() -> None:
    record = gate(summed(orientation=np.array([-1, 90, 1.0]) * S), orientation=True)
    assert isinstance(record, Measured)
    assert record.orientation is UNSET


@pytest.mark.parametrize(
    ("parts", "faces", "shares"),
    [
        ((0.2, 0.2, 0.2), 5, (0.2, 0.4, 0.4)),
        ((1, 1, 8), 10, (0.1, 0.1, 0.8)),
        ((335, 335, 330), 100, (0.33, 0.34, 0.33)),
        ((1, 1, 1998), 20, (0, 0, 1)),
    ],
)
def test_shares_are_rounded_to_the_weight_of_one_and_add_up(
    parts: tuple[int, ...], faces: int, shares: tuple[float, ...]
) -> None:
    record = gate(summed(faces, levels=np.array(parts, float)))
    assert isinstance(record, Measured)
    levels = record.levels
    assert levels.low + levels.mid + levels.high == pytest.approx(1)
    assert (levels.low, levels.mid, levels.high) == pytest.approx(shares, abs=0.0101)
    assert record.engaged == pytest.approx(levels.mid / 2 + levels.high)


def test_two_classes_told_alike_have_one_interval() -> None:
    """Its ends tell no digit more than the figure does."""
    one, other = (gate(summed(20, levels=np.array([30, 40.0, 30]) + np.array([-a, 0, a]))) for a in (-1, 1))
    assert one == other


def test_a_few_who_come_or_go_are_not_told_of() -> None:
    strict = Gate(k=5, orientation=False, company=Company(2, 300))
    told = [strict.release(summed(faces), **TELL).status for faces in (10, 9, 8, 10)]
    assert told == ["ok", "suppressed", "ok", "ok"]
    assert strict.release(summed(9), **{**TELL, "at": 300}).status == "ok"


def test_windows_that_are_not_told_do_not_count_as_told() -> None:
    strict = Gate(k=5, orientation=False, company=Company(2, 300))
    assert strict.release(summed(4), **TELL).status == "suppressed"
    assert strict.release(summed(6, observed=4), **TELL).status == "blind"
    assert strict.release(summed(5), **TELL).status == "ok"


class Blur:
    epsilon = 0.5
    left = 1

    def add(self, _shares: np.ndarray, judged: float) -> np.ndarray | None:
        self.left -= 1
        return np.array([0.0, judged / 20, 1 - judged / 20]) if self.left >= 0 else None

    def deviation(self, judged: float) -> float:
        return judged / 100


def test_noise_comes_before_the_rounding_and_when_it_is_spent_nothing_is_told() -> None:
    noisy = Gate(k=5, orientation=True, company=Company(1, 1), noise=Blur())
    turned = summed(10, orientation=np.array([100.0, 0, 0]) * S)
    record = noisy.release(turned, **TELL)
    assert isinstance(record, Measured)
    assert (record.levels, record.engaged, record.privacy) == (Levels(0, 0.5, 0.5), 0.75, Privacy(5, 0.5))
    assert record.orientation is UNSET, "it would cost another budget"
    # 1.2816 times the root of 0.09 / 10 + 0.01 + 0.1**2 / 6 + 0.1**2 is 0.2245.
    assert (record.engaged_low, record.engaged_high) == (0.52, 0.98)
    assert noisy.release(turned, **TELL).status == "suppressed"


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=15, unique=True), min_size=1, max_size=30),
    st.integers(2, 10),
    st.integers(0, 2**31),
)
def test_whatever_happens_shares_add_up_and_the_threshold_holds(seen: list[list[int]], k: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    window = Window(0, 10)
    for n, tracks in enumerate(seen):
        rows = draw.dirichlet(np.ones(3), len(tracks)).astype(np.float32).reshape(-1, 3)
        turned = draw.multinomial(draw.integers(0, len(tracks), endpoint=True), np.ones(3) / 3).astype(float)
        window.add(n * 10 / len(seen), np.array(tracks, np.int64), rows, draw.random(), turned)
    record = gate(window.close(), k, orientation=True)
    if isinstance(record, Measured):
        assert record.faces >= k
        shares = [record.levels] + ([record.orientation] if isinstance(record.orientation, Orientation) else [])
        for three in ([getattr(it, name) for name in it.__struct_fields__] for it in shares):
            assert sum(three) == pytest.approx(1)
            assert min(three) >= 0
        assert 0 <= record.engaged <= 1
        assert 0 <= record.coverage <= 1
        assert record.engaged == pytest.approx(record.levels.mid / 2 + record.levels.high)
    if max(map(len, seen)) < k:
        assert not isinstance(record, Measured)


def test_the_threshold_counts_those_judged_not_those_in_view() -> None:
    """Thirty in view, of whom four are large enough: figures of four would be told."""
    far = summed(4, person_time=300 * S)
    assert gate(far) == gate(summed(1))
    near = gate(summed(5, person_time=300 * S))
    assert isinstance(near, Measured)
    assert (near.faces, near.judged) == (30, 5)


def test_without_a_measured_reliability_no_interval_is_claimed() -> None:
    record = gate(summed(errors=np.full(2, np.nan)))
    assert isinstance(record, Measured)
    assert (record.engaged_low, record.engaged_high) == (None, None)
    assert record.engaged == 1
