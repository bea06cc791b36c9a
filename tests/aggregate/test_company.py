"""Of two companies that differ by a few only one is told of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.aggregate.company import Company
from edge.errors import Problem


def told(company: Company, *windows: tuple[float, float]) -> list[bool]:
    return [company.admits(judged, at) for judged, at in windows]


def test_the_same_company_is_told_again_and_one_that_differs_by_a_few_is_not() -> None:
    company = Company(2, 300)
    assert (
        told(company, (10, 0), (10.5, 10), (9.5, 20), (9.49, 30), (10.51, 40), (11.9, 50)) == [True] * 3 + [False] * 3
    )
    assert told(company, (12, 60), (8, 70), (9, 80), (11, 90), (10, 100)) == [True, True, False, False, True]


def test_a_company_that_changed_is_told_of_when_the_old_one_was_not_for_a_while() -> None:
    company = Company(2, 300)
    assert told(company, (10, 0), (9, 10), (10, 20), (9, 310), (9, 319), (9, 320), (10, 330)) == [
        *(True, False, True, False, False, True, False)
    ]


def test_a_change_of_one_tells_every_company() -> None:
    assert all(told(Company(1, 300), (10, 0), (9.3, 10), (9, 20), (5, 30)))


def test_a_restart_forgets_no_company(tmp_path: Path) -> None:
    file = tmp_path / "company"
    assert told(Company(2, 300, file), (10, 5000), (13, 5010)) == [True, True]
    again = Company(2, 300, file)
    assert told(again, (9, 3), (13, 4), (10, 5), (9, 302), (9, 305), (14, 306)) == [
        *(False, True, True, False, True, True),
    ], "as if told at the first window after the restart"


def test_what_cannot_be_remembered_is_not_told(tmp_path: Path) -> None:
    company = Company(2, 300, tmp_path / "gone" / "company")
    assert told(company, (10, 0)) == [False]
    (tmp_path / "gone").mkdir()
    assert told(company, (9, 10), (10, 20)) == [True, False]


def test_the_disk_is_written_when_a_new_company_is_told_and_not_for_every_window(tmp_path: Path) -> None:
    file = tmp_path / "company"
    company = Company(2, 300, file)
    assert told(company, (10, 0))
    file.unlink()
    assert all(told(company, *((10 + n % 3 / 10, 10.0 * n) for n in range(1, 50))))
    assert not file.exists()


@pytest.mark.parametrize("content", ["ten", "nan", "1e999", "10 elf"])
def test_a_damaged_memory_is_not_guessed(tmp_path: Path, content: str) -> None:
    (tmp_path / "company").write_text(content)
    with pytest.raises(Problem, match="Delete it"):
        Company(2, 300, tmp_path / "company")


def test_a_memory_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        Company(2, 300, tmp_path)


@given(st.lists(st.tuples(st.floats(5, 30), st.floats(0, 60)), max_size=60), st.integers(2, 5))
def test_whatever_comes_no_two_companies_a_few_apart_are_told_within_the_time(
    windows: list[tuple[float, float]], change: int
) -> None:
    company, at = Company(change, 300), 0.0
    known: list[tuple[float, float]] = []
    for judged, gap in windows:
        at += gap
        if company.admits(judged, at):
            apart = [abs(judged - size) for size, then in known if at < then + 300]
            # One company wavers by half a person either way.
            assert all(d <= 1 or d >= change - 1 for d in apart)
            known.append((judged, at))
