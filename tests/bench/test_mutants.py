"""Faults made in a module, and the tests that see them or do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench" / "mutants"))

from mutations import mutants  # noqa: E402


def became(source: str) -> list[str]:
    return [mutant.became for mutant in mutants(source)]


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("x = a < b", ["a <= b"]),
        ("x = a + b", ["a - b"]),
        ("x = a and b", ["a or b"]),
        ("x = -a", ["a"]),
        ("x = True", ["False"]),
        ("x = 3", ["4"]),
        ("x = 0.0", ["1.0"]),
        ("x = 'blind'", ["'blind_'"]),
        ("x = min(a, b)", ["max"]),
        ("x = [a for a in b if a]", [" for a in b"]),
        ("x += a", ["x -= a", "pass"]),
        ("self.x = a", ["pass"]),
        ("f(a)", ["pass"]),
        ("raise a", ["pass"]),
        ("if a:\n    b", ["if not a:\n    b", "pass"]),
        ("while not a:\n    b()", ["while a:\n    b()", "a", "pass"]),
        ("def f():\n    return a", ["return None"]),
    ],
)
def test_each_kind_of_fault_is_made(source: str, faults: list[str]) -> None:
    assert became(source) == faults


@pytest.mark.parametrize(
    "source",
    [
        '"""Says what it is for: 1 < 2."""',
        "__all__ = ['a']",
        "import a",
        "x: Annotated[int, Meta(ge=1)]",
        "Kind = Literal['a', 'b']",
        "_log.info('text', 1 + 1)",
        "def f(a: int | None) -> int | None: ...",
        "raise_ = f'The file {name} has {n + 1} lines.'",
        "x = 'a text for people'",
        "@dataclass(frozen=True)\nclass A: ...",
        "class A(Struct, frozen=True, kw_only=True): ...",
    ],
)
def test_texts_and_types_are_left_alone(source: str) -> None:
    assert became(source) == []


def test_one_fault_at_a_time_and_none_left_behind() -> None:
    source = "def f(a, b):\n    if a < b:\n        return a + 1\n    return b\n"
    made = [mutant.source for mutant in mutants(source)]
    assert len(set(made)) == len(made) == 6
    assert all(sum(x != y for x, y in zip(text.split(), source.split(), strict=False)) >= 1 for text in made)
    assert source not in made
    assert made[-1] == "def f(a, b):\n    if a < b:\n        return a + 1\n    return None\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A room whose tests see some of its faults, and would wait for ever at one of them."""
    files = {
        "shop/price.py": "def total(a, b):\n    return a + b\n\n\ndef is_dear(price):\n    return price > 100\n",
        "tests/test_price.py": "from shop.price import is_dear, total\n\n"
        "def test_total():\n    while total(2, 2) == 0: pass\n    assert total(2, 2) == 4\n\n"
        "def test_dear():\n    assert is_dear(500) and not is_dear(5)\n",
        "tests/conftest.py": (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"),
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--import-mode=importlib'\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def examine(house: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "mutants"), "shop", "--root", str(house), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_the_tests_do_not_notice_is_listed(house: Path) -> None:
    before = {file: file.read_text() for file in house.rglob("*.py")}
    result = examine(house, "--json", "--least", 0.9)
    found = json.loads(result.stdout)
    assert (found["made"], found["caught"], found["endless"], found["share"]) == (5, 3, 1, 0.6)
    assert [(fault["line"], fault["was"], fault["became"]) for fault in found["survivors"]] == [
        (6, "price > 100", "price >= 100"),
        (6, "100", "101"),
    ]
    assert found["files"] == {"shop/price.py": {"made": 5, "caught": 3}}
    assert result.returncode == 1, "less than asked for"
    assert {file: file.read_text() for file in house.rglob("*.py")} == before


def test_a_sample_is_the_same_for_the_same_seed(house: Path) -> None:
    first, again = (json.loads(examine(house, "--json", "--sample", 2, "--seed", 7).stdout) for _ in range(2))
    assert first["made"] == 2
    assert first["survivors"] == again["survivors"]


def test_tests_that_fail_without_a_fault_are_said_to(house: Path) -> None:
    (house / "tests" / "test_price.py").write_text("def test(): assert False\n")
    result = examine(house)
    assert result.returncode == 1
    assert "Without any fault these tests failed" in result.stderr
