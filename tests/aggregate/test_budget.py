"""A budget is spent once, over restarts too."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.aggregate.budget import Budget
from edge.errors import Problem

HOUR = 3600.0


class Wall:
    now = 1e9

    def __call__(self) -> float:
        return self.now


def budget(wall: Wall, file: Path | None = None) -> Budget:
    return Budget(lesson=1, lesson_seconds=2700, day=2, wall=wall, file=file)


def test_a_lesson_is_spent_when_it_is_spent_and_any_stretch_of_its_length_is_one() -> None:
    wall = Wall()
    spent = budget(wall)
    assert [spent.spend(0.1) for _ in range(11)] == [True] * 10 + [False]
    wall.now += 2699
    assert not spent.spend(0.1)
    wall.now += 1
    assert [spent.spend(0.5) for _ in range(3)] == [True, True, False]


def test_a_day_bounds_its_lessons() -> None:
    wall = Wall()
    spent = budget(wall)
    for _ in range(2):
        assert spent.spend(1)
        wall.now += HOUR
    assert not spent.spend(0.1)
    wall.now += 22 * HOUR - 1
    assert not spent.spend(0.1)
    wall.now += 1
    assert spent.spend(0.1)


def test_what_was_refused_costs_nothing() -> None:
    spent = budget(Wall())
    assert not spent.spend(1.1)
    assert spent.spend(1)


def test_a_restart_gives_nothing_back(tmp_path: Path) -> None:
    wall, file = Wall(), tmp_path / "budget"
    assert budget(wall, file).spend(0.6)
    assert not budget(wall, file).spend(0.6)
    assert budget(wall, file).spend(0.4)
    wall.now += 25 * HOUR
    assert budget(wall, file).spend(1)
    assert len(file.read_text().splitlines()) == 1, "what is a day old is forgotten"


def test_a_clock_set_back_gives_nothing_back() -> None:
    wall = Wall()
    spent = budget(wall)
    assert spent.spend(1)
    wall.now -= 48 * HOUR
    assert not spent.spend(1)


def test_what_cannot_be_written_is_not_spent(tmp_path: Path) -> None:
    spent = budget(Wall(), tmp_path / "gone" / "budget")
    assert not spent.spend(0.1)
    (tmp_path / "gone").mkdir()
    assert spent.spend(1)


@pytest.mark.parametrize("content", ["1", "1 2 3", "now 1", "1 nan", "inf 1", "1 -1", "1 0"])
def test_a_damaged_account_is_not_guessed(tmp_path: Path, content: str) -> None:
    (tmp_path / "budget").write_text(content)
    with pytest.raises(Problem, match="Wait a day and delete it"):
        budget(Wall(), tmp_path / "budget")


def test_an_account_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        budget(Wall(), tmp_path)
