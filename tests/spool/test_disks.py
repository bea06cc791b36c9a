"""The spool on real disks: too small, and in folders that are held or cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from parts import need_root
from spooled import opened, put, waiting

from edge.errors import Problem
from edge.spool import hold

HOLDER = (
    "import sys, pathlib\nfrom edge.spool import hold\n"
    "with hold(pathlib.Path(sys.argv[1])):\n print('held', flush=True)\n sys.stdin.read()"
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    need_root("mounts a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(disk: Path) -> Path:
    """What somebody else leaves on the disk."""
    other = disk / "other"
    with other.open("wb", buffering=0) as file:
        while os.statvfs(disk).f_bavail:
            file.write(bytes(4096))
    return other


def test_a_disk_that_fills_up_costs_nothing_and_is_gone_back_to(small: Path) -> None:
    with opened(small) as spool:
        put(spool, 20, size=600)
        other = fill(small)
        put(spool, 100, size=600)
        assert "full" in (spool.trouble or "")
        assert waiting(spool) == list(range(120))
        spool.done(0)
        other.unlink()
        put(spool, 1, size=600)
        assert spool.trouble is None
    with opened(small) as spool:
        assert (waiting(spool), spool.dropped) == (list(range(1, 121)), 0)


def test_on_a_full_disk_no_number_is_given_twice_after_a_kill(small: Path) -> None:
    spool = opened(small)
    put(spool, 20, size=600)
    other = fill(small)
    put(spool, 100, size=600)
    assert spool.trouble
    spool._store._db.close()
    other.unlink()
    with opened(small) as spool:
        assert spool.next_seq() == 120


def test_what_a_full_disk_has_room_for_is_still_taken(small: Path) -> None:
    """Records that come and go need no more room than they had."""
    with opened(small) as spool:
        for _ in range(60):
            put(spool, 1, size=600)
            spool.done(spool.newest)
        fill(small)
        for _ in range(300):
            put(spool, 1, size=600)
            assert spool.trouble is None
            spool.done(spool.newest)


def test_a_disk_full_from_the_start_is_worked_without(small: Path) -> None:
    other = fill(small)
    with hold(small), opened(small) as spool:
        put(spool, 3, size=600)
        assert "kept in memory" in (spool.trouble or "")
        assert len(waiting(spool)) == 3
        assert waiting(spool)[0] > 1_700_000_000, "nobody can know the number: it goes on from the time"
        other.unlink()
        put(spool, 1, size=600)
        assert spool.trouble is None
    with opened(small) as spool:
        assert len(waiting(spool)) == 4


def test_a_second_sensor_on_one_folder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Problem, match=rf"in use by another sensor \(process {first.pid}\).*service\.state_dir"):
            hold(tmp_path).__enter__()
        first.kill()
    with hold(tmp_path):  # nothing of what was held outlives its process
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    with hold(tmp_path):
        pass


@pytest.mark.parametrize("folder", ["file/state", "/proc/edge-engage"])
def test_a_folder_that_cannot_be_made_is_said_with_its_name(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match=rf"{folder} cannot be used.*service\.state_dir"):
        hold(tmp_path / folder).__enter__()


def test_a_read_only_folder_is_held_all_the_same(tmp_path: Path) -> None:
    need_root("mounts a disk")
    with hold(tmp_path):
        pass
    subprocess.run(["mount", "--bind", tmp_path, tmp_path], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", tmp_path], check=True)
        with hold(tmp_path):
            with pytest.raises(Problem, match="in use by another sensor"):
                hold(tmp_path).__enter__()
            with opened(tmp_path) as spool:
                put(spool, 2, size=600)
                assert "kept in memory" in (spool.trouble or "")
                assert len(waiting(spool)) == 2
    finally:
        subprocess.run(["umount", "-l", tmp_path], check=True)
