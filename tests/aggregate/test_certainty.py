"""The interval around a class's figure: from counts and sizes, never from what a face showed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.aggregate.certainty import interval

SURE = {"faces": 20.0, "judged": 20.0, "spread": 0.09, "shared": 0.05}
shares = st.floats(0, 1)


def width(**changed: float) -> float:
    found = interval(0.5, **{**SURE, **changed})
    assert found
    return found[1] - found[0]


def test_it_narrows_with_those_judged_and_widens_with_their_errors_and_with_those_not_judged() -> None:
    assert width(judged=80.0, faces=80.0) < width() < width(judged=5.0, faces=5.0)
    assert width() < width(spread=0.2)
    assert width() < width(shared=0.15)
    assert width() < width(faces=60.0)
    # What all have in common does not become less with more of them.
    assert width(judged=1e9, faces=1e9) == pytest.approx(2 * 0.07)


@given(shares, shares, shares, st.floats(1, 100), st.floats(0, 100))
def test_it_holds_the_figure_and_stays_between_none_and_all(
    engaged: float, spread: float, shared: float, judged: float, more: float
) -> None:
    found = interval(engaged, faces=judged + more, judged=judged, spread=spread, shared=shared)
    assert found
    low, high = found
    assert 0 <= low <= round(engaged, 3) <= high <= 1


@given(st.floats(0.3, 0.7), st.floats(0.3, 0.7))
def test_its_width_is_the_same_whatever_the_faces_show(one: float, other: float) -> None:
    first, second = interval(one, **SURE), interval(other, **SURE)
    assert first
    assert second
    assert first[1] - first[0] == pytest.approx(second[1] - second[0])


def test_rounding_and_noise_widen_it() -> None:
    assert width() < width(step=0.2) < width(step=0.2, blurred=0.2)


def test_what_is_not_known_is_not_claimed() -> None:
    assert interval(0.5, **{**SURE, "spread": float("nan")}) is None
    assert interval(0.5, **{**SURE, "shared": float("nan")}) is None
