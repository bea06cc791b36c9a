"""A place that cannot be written to, and a disk that is full: one sentence, and nothing half-written."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from layouts import picture
from portrait import cuts

from train.cli import main

QUICK = ["--network", "edge-net", "--side", "16", "--epochs", "1", "--batch", "16"]
COMMANDS = {
    "arrays": ["arrays", "{wacv}", "-o", "{out}/faces.npz"],
    "arrays as a folder": ["arrays", "{wacv}", "--divide", "50", "25", "25", "-o", "{out}/folder", "--engaged", "high"],
    "audit": ["audit", "{wacv}", "--out", "{out}"],
    "prepare": ["prepare", "{wacv}", "--out", "{out}"],
    "pretrain": ["pretrain", "--data", "{wacv}", "--allow", "--out", "{out}", *QUICK],
    "transfer": ["transfer", "--from", "{run}", "--data", "{wacv}", "--allow", "--out", "{out}", *QUICK],
    "evaluate": ["evaluate", "{run}", "--data", "{wacv}", "--out", "{out}"],
    "folds": ["evaluate", "--folds", "2", "--data", "{wacv}", "--out", "{out}", *QUICK],
    "explain": ["explain", "{run}", "--data", "{wacv}", "--count", "3", "--out", "{out}"],
    "report": ["report", "{run}", "-o", "{out}/page.html"],
}


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Past so many bytes the kernel refuses to write to any file, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def filled(words: list[str], **places: Path) -> list[str]:
    return [word.format(**places) for word in words]


@pytest.fixture
def words(request, name, wacv) -> list[str]:
    """Of the command `name`; a network is trained for those that need one."""
    run = request.getfixturevalue("run_folder") if "{run}" in COMMANDS[name] else None
    return filled(COMMANDS[name], run=run, wacv=wacv, out="{out}")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_place_that_cannot_be_written_to_is_named_in_one_sentence(words, tmp_path, capsys):
    # Nobody, not even root, can make a folder inside a file.
    (tmp_path / "file").write_text("in the way")
    assert main(filled(words, out=tmp_path / "file")) == 2
    error = capsys.readouterr().err
    assert str(tmp_path / "file") in error
    assert "could not be written" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_leaves_nothing_half_written(words, tmp_path, capsys):
    with room_for(64):
        code = main(filled(words, out=tmp_path / "out"))
    assert code == 2
    error = capsys.readouterr().err
    assert "could not be written" in error
    assert "Traceback" not in error
    assert [file for file in tmp_path.rglob("*") if file.is_file() and file.name != "prepared.csv"] == []


def test_a_disk_that_fills_up_while_training_costs_the_epoch_and_nothing_else(wacv, tmp_path, capsys):
    words = filled(COMMANDS["pretrain"], wacv=wacv, out=tmp_path / "run")
    with room_for(400_000):  # the audit's picture fits, a checkpoint does not
        assert main(words) == 2
    assert "state.npz could not be written" in capsys.readouterr().err
    assert not list((tmp_path / "run").rglob("*.part*"))
    assert not (tmp_path / "run" / "model.keras").exists()
    assert main(words) == 0


def test_a_disk_that_fills_up_over_the_last_file_leaves_no_half_of_a_network(wacv, tmp_path, capsys, monkeypatch):
    import keras

    def half(_model, path, **_more):
        Path(path).write_bytes(b"half a network")
        raise OSError(28, "No space left on device")

    words = filled(COMMANDS["pretrain"], wacv=wacv, out=tmp_path / "run")
    monkeypatch.setattr(keras.Model, "save", half)
    assert main(words) == 2
    assert "model.keras could not be written: No space left on device" in capsys.readouterr().err
    assert not list((tmp_path / "run").glob("*.keras"))


def test_prepare_goes_on_after_a_full_disk_and_after_half_a_line(tmp_path, capsys):
    folder = tmp_path / "pictures" / "dataset"
    for number, cut in enumerate(cuts(6)):
        picture(folder / "123"[number % 3] / f"img{number % 2}_{number}.jpg", cut)
    words = ["prepare", str(tmp_path / "pictures"), "--out", str(tmp_path / "out")]
    with room_for(300):
        assert main(words) == 2
    assert main(words) == 0
    log = tmp_path / "out" / "prepared.csv"
    whole, said = log.read_bytes(), capsys.readouterr().out
    assert len(whole.splitlines()) == 7
    log.write_bytes(whole[:-20])
    assert main(words) == 0
    assert log.read_bytes() == whole
    assert capsys.readouterr().out == said


def test_a_cut_off_checkpoint_is_one_sentence(wacv, tmp_path, capsys):
    words = filled(COMMANDS["pretrain"], wacv=wacv, out=tmp_path / "run")
    assert main(words) == 0
    state = tmp_path / "run" / "checkpoint" / "state.npz"
    for kept in (state.stat().st_size // 2, 100, 0):
        state.write_bytes(state.read_bytes()[:kept])
        capsys.readouterr()
        assert main(words) == 2
        said = capsys.readouterr().err
        assert [line for line in said.splitlines() if line.startswith("train: ")] == said.splitlines()[-1:]
        assert "state.npz cannot be read" in said.splitlines()[-1]
    shutil.rmtree(state.parent)
    assert main(words) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_output_to_a_full_disk_is_explained(run_folder, tmp_path):
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device, not a file
        command = [sys.executable, "-m", "train.cli", "report", str(run_folder), "-o", str(tmp_path / "page.html")]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "could not be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
