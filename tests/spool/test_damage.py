"""What can happen to the spool's file and its disk; `test_disks.py` has real disks, tests/faults the real sensor."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from room import Time
from spooled import copied, opened, put, waiting

from edge.spool.store import Broken, Store


class Refusing:
    """A disk that is full whenever the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        write, offer = Store.write, Store.offer

        def refuse(method):
            def call(store, *arguments, **named):
                if self.full:
                    raise sqlite3.OperationalError("database or disk is full")
                return method(store, *arguments, **named)

            return call

        monkeypatch.setattr(Store, "write", refuse(write))
        monkeypatch.setattr(Store, "offer", refuse(offer))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Refusing:
    return Refusing(monkeypatch)


def test_while_the_disk_takes_nothing_records_wait_in_memory(
    tmp_path: Path, disk: Refusing, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as spool:
        put(spool, 3)
        disk.full = True
        assert put(spool, 2) == [3, 4]
        assert "disk is full" in (spool.trouble or "")
        assert caplog.text.count("disk is full") == 1, "said once"
        spool.done(0)
        spool.done(3)
        spool.decline(1)
        assert (waiting(spool), spool.depth, spool.declined) == ([2, 4], 2, 1)
        assert spool.offer(everything=False) == 1
        assert waiting(spool) == [1, 2, 4]
        spool.decline(4)
        spool.decline(2)
        assert spool.offer(everything=True) == 2
        assert (waiting(spool), spool.declined) == ([1, 2, 4], 0)
        spool.decline(4)
        disk.full = False
        assert put(spool) == [5]
        assert spool.trouble is None
    with opened(tmp_path) as spool:
        assert (waiting(spool), spool.declined, spool.dropped) == ([1, 2, 5], 1, 0)
        spool.offer(everything=True)
        assert waiting(spool) == [1, 2, 4, 5]


def test_a_failing_disk_does_not_make_the_same_record_go_out_again(tmp_path: Path, disk: Refusing) -> None:
    with opened(tmp_path) as spool:
        put(spool, 3)
        disk.full = True
        spool.done(0)
        assert spool.peek().number == 1
        spool.done(1)
        assert spool.peek().number == 2


def test_numbers_given_while_the_disk_took_nothing_are_not_given_again(tmp_path: Path, disk: Refusing) -> None:
    spool = opened(tmp_path)
    put(spool, 3)
    disk.full = True
    assert put(spool, 4) == [3, 4, 5, 6]
    spool._store.close()  # killed: what was in memory is gone
    disk.full = False
    with opened(tmp_path) as spool:
        assert (put(spool), waiting(spool)) == ([7], [0, 1, 2, 7])


def test_of_those_in_memory_the_newest_are_kept(
    tmp_path: Path, disk: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.spool.spool._IN_MEMORY", 10)
    with opened(tmp_path) as spool:
        put(spool, 1)
        disk.full = True
        put(spool)
        spool.decline(1)
        put(spool, 11)
        assert (spool.dropped, spool.depth, spool.declined) == (2, 11, 0)
        assert waiting(spool) == [0, *range(3, 13)]
        disk.full = False
        put(spool)
    with opened(tmp_path) as spool:
        assert (spool.dropped, spool.depth) == (2, 12)


def test_a_number_that_cannot_be_kept_is_one_that_no_restart_gives_again(
    tmp_path: Path, disk: Refusing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that becomes read-only under the sensor takes neither the record nor the mark."""
    time = Time()
    spool = opened(tmp_path, time=time)
    put(spool, 2)
    disk.full = True
    with monkeypatch.context() as patched:
        patched.setattr("edge.spool.mark.Mark.write", lambda *_, **__: False)
        now = int(time.clock.wall())
        assert put(spool, 3) == [now, now + 1, now + 2]
    spool._store.close()  # killed
    disk.full = False
    with opened(tmp_path, time=time) as spool:
        assert put(spool) == [2]


def garble(file: Path, start: int, length: int = 4096) -> None:
    with file.open("r+b") as opened:
        opened.seek(start)
        opened.write(b"\xa5" * length)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Numbers 0 to 299, of which 0 is done and 7 was declined."""
    folder = tmp_path_factory.mktemp("full")
    with opened(folder) as spool:
        put(spool, 300, size=400)
        spool.decline(7)
        spool.done(0)
    return folder


@pytest.fixture
def filled(full: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(full, tmp_path, dirs_exist_ok=True))


@pytest.mark.parametrize("damage", ["head", "middle", "cut", "text", "a later version's", "no tables"])
def test_a_damaged_file_is_kept_aside_and_counting_goes_on_above(filled: Path, damage: str) -> None:
    file = filled / "spool.db"
    whole = file.stat().st_size
    if damage == "head":
        garble(file, 0)
    elif damage == "middle":
        garble(file, whole // 2 // 1024 * 1024, 1024)
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[: whole // 2])
    elif damage == "text":
        file.write_text("dear diary " * 5000)
    else:
        file.unlink()
        version = 9 if damage == "a later version's" else 1
        with closing(sqlite3.connect(file)) as db:
            db.execute(f"PRAGMA user_version = {version}")
    with opened(filled) as spool:
        assert "was damaged" in (spool.trouble or "")
        assert put(spool) == [400], "100 above the last one known"
        assert (filled / "spool.db.broken").exists()
        kept = waiting(spool)
        assert kept[-1] == 400
        if damage == "middle":
            assert len(kept) > 100, "what can be read is saved"
    with opened(filled) as spool:
        assert (waiting(spool), spool.trouble) == (kept, None)


def test_what_is_saved_from_a_damaged_file_is_on_disk_at_once(filled: Path, tmp_path: Path) -> None:
    middle = (filled / "spool.db").stat().st_size // 2 // 1024 * 1024
    garble(filled / "spool.db", middle, 1024)
    spool = opened(filled)
    saved = waiting(spool)
    with opened(copied(tmp_path)) as found:
        assert waiting(found) == saved
        assert len(saved) > 100
    spool.close()


def test_damage_found_by_a_put_costs_it_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as spool:
        put(spool, 3)
        write, calls = Store.write, []

        def break_once(store: Store, *arguments: object, **named: object) -> int:
            calls.append(store)
            if len(calls) == 1:
                raise Broken("database disk image is malformed")
            return write(store, *arguments, **named)

        monkeypatch.setattr(Store, "write", break_once)
        assert put(spool) == [3]
        with opened(copied(tmp_path)) as found:
            assert (waiting(found), found.dropped) == ([0, 1, 2, 3], 0)


def test_damage_found_while_declined_records_are_offered_loses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Broken("database disk image is malformed")

    with opened(tmp_path) as spool:
        put(spool, 3)
        spool.decline(1)
        with monkeypatch.context() as patched:
            patched.setattr(Store, "offer", broken)
            assert spool.offer(everything=True) is None
        assert "was damaged" in (spool.trouble or "")
        assert (waiting(spool), spool.dropped) == ([0, 1, 2], 0), "what was declined waits again"


def test_a_damaged_file_without_a_mark_is_counted_on_from_the_time(filled: Path) -> None:
    garble(filled / "spool.db", 0)
    (filled / "seq").write_text("12x")
    time = Time()
    with opened(filled, time=time) as spool:
        assert put(spool) == [int(time.clock.wall())]


@pytest.mark.parametrize("content", ["12x", "-7", "1_000", "", "9" * 5000, str(2**60)])
def test_a_damaged_mark_alone_is_counted_on_from_the_spool(filled: Path, content: str) -> None:
    (filled / "seq").write_text(content)
    with opened(filled) as spool:
        assert put(spool) == [300]
        assert int((filled / "seq").read_text()[:17]) == 301


def test_damage_that_comes_while_it_runs_is_survived(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    put(spool, 300, size=400)
    # Nothing of it is in the log or in memory any more.
    spool._store._db.executescript("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 0; PRAGMA shrink_memory")
    garble(tmp_path / "spool.db", 20_480, 50_000)
    number = spool.next_seq()
    for done in iter(spool.peek, None):
        spool.done(done.number)
    assert "was damaged" in (spool.trouble or "")
    assert put(spool) == [number], "the number is known"
    assert spool.dropped > 0
    spool.close()
    with opened(tmp_path) as spool:
        assert put(spool) == [number + 1]


def test_a_record_that_is_not_what_was_written_is_not_sent_but_counted(filled: Path) -> None:
    with closing(sqlite3.connect(filled / "spool.db")) as db, db:
        db.execute("UPDATE record SET payload = CAST('12 garbled' AS BLOB) WHERE number = 12")
        db.execute("UPDATE record SET payload = NULL WHERE number = 13")
    with opened(filled) as spool:
        assert waiting(spool) == [n for n in range(1, 300) if n not in (7, 12, 13)]
        assert (spool.dropped, spool.depth) == (2, 296)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.35, 0.5, 0.83, 0.99])
def test_a_log_cut_short_costs_what_was_in_it_and_no_number_comes_twice(tmp_path: Path, share: float) -> None:
    spool = opened(tmp_path)
    put(spool, 100, size=400)
    copy = copied(tmp_path)
    log = copy / "spool.db-wal"
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * share)])
    with opened(copy) as found:
        kept = waiting(found)
        assert kept == list(range(len(kept)))
        assert 100 * share - 10 <= len(kept) < 100
        assert put(found) == [100]
    spool.close()
