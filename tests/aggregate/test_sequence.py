from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.aggregate.sequence import Sequence
from edge.errors import Problem


def test_numbers_go_on_after_a_clean_stop(tmp_path: Path) -> None:
    first = Sequence(tmp_path)
    assert [first() for _ in range(3)] == [0, 1, 2]
    first.close()
    assert Sequence(tmp_path)() == 3


def test_no_number_comes_twice_after_kill_minus_nine(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom edge.aggregate.sequence import Sequence\n"
        "s = Sequence(pathlib.Path(sys.argv[1]))\n"
        "for _ in range(2500): print(s(), flush=True)\nsys.stdin.read()"
    )
    used: set[int] = set()
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        numbers = {int(process.stdout.readline()) for _ in range(2500)}
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert len(numbers) == 2500
        assert not numbers & used
        used |= numbers


def test_a_folder_that_cannot_be_made_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match=r"file/state.*service\.state_dir"):
        Sequence(tmp_path / "file" / "state")


@pytest.mark.parametrize("content", ["12x", "-7", "1_000", "", "9" * 5000, str(2**60)])
def test_a_damaged_counter_is_not_guessed(tmp_path: Path, content: str) -> None:
    (tmp_path / "seq").write_text(content)
    with pytest.raises(Problem, match="holds no number"):
        Sequence(tmp_path)
    (tmp_path / "seq").write_text("8\n")
    assert Sequence(tmp_path)() == 8


def test_a_second_sensor_on_one_folder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom edge.aggregate.sequence import Sequence\n"
        "s = Sequence(pathlib.Path(sys.argv[1]))\nprint(s(), flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "0\n"
        with pytest.raises(Problem, match=rf"in use by another sensor \(process {first.pid}\).*service\.state_dir"):
            Sequence(tmp_path)
        first.kill()
    assert Sequence(tmp_path)() == 1000  # nothing of what was held outlives its process
