"""What is kept of a pause: on a real disk, and where there is none to keep it on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.service import Pause


def test_what_was_asked_last_is_known_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert not Pause(folder).asked
    for paused in (True, True, False, False, True):
        Pause(folder).ask(paused=paused)
        assert Pause(folder).asked is paused
        assert Pause(folder).trouble is None


def test_it_is_on_the_disk_and_not_only_in_a_buffer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both the file and the folder that names it are synced, each way."""
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(Path(f"/proc/self/fd/{number}").readlink().name))
    pause = Pause(tmp_path)
    pause.ask(paused=True)
    pause.ask(paused=False)
    assert synced == ["paused.new", tmp_path.name, tmp_path.name]


def test_a_pause_that_cannot_be_kept_holds_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "paused.new").mkdir()  # in the way, even of root
    pause = Pause(tmp_path)
    pause.ask(paused=True)
    assert pause.asked
    assert pause.trouble == (f"The pause will not survive a restart: {tmp_path}/paused cannot be kept: Is a directory.")
    assert pause.trouble in caplog.text
    pause.ask(paused=False)
    assert (pause.asked, pause.trouble) == (False, None), "nothing was kept, so nothing is left to take back"


def test_a_resume_that_cannot_be_kept_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = Pause(tmp_path)
    pause.ask(paused=True)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    pause.ask(paused=False)
    assert not pause.asked
    assert pause.trouble == (
        f"The resume will not survive a restart: {tmp_path}/paused cannot be kept: Read-only file system."
    )


def test_a_disk_that_does_not_tell_means_paused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "exists", refuse)
    pause = Pause(tmp_path)
    assert pause.asked
    assert "Input/output error" in (pause.trouble or "")
