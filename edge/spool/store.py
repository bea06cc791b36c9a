"""The spool's file: records that wait, those the broker declined, and two counters, in SQLite.

A record and its number are one transaction, and it is on the disk before `write` returns. That a record is done is
written without waiting for the disk: after a power cut it may be sent once more, with the same number.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Broken", "Change", "Row", "Store", "put_aside", "salvage"]

_SCHEMA = """
    CREATE TABLE record (number INTEGER PRIMARY KEY, at REAL, payload BLOB, sum INTEGER);
    CREATE TABLE declined (turn INTEGER PRIMARY KEY, number INTEGER UNIQUE, at REAL, payload BLOB, sum INTEGER);
    CREATE TABLE counter (next INTEGER, lost INTEGER);
    INSERT INTO counter VALUES (0, 0);
    PRAGMA user_version = 1;
"""
_PAGE = 1024  # a record and its number: two pages a window
_LOG = 1024  # pages in the write-ahead log until they are written to their places: one mebibyte


class Broken(Exception):
    """The file is no spool, or not any more."""


class Row(NamedTuple):
    number: int
    payload: bytes
    at: float
    """Unix time at which it was put."""


@dataclass
class Change:
    """What is to be written, all of it or nothing."""

    added: dict[int, Row] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    declined: set[int] = field(default_factory=set)


class Store:
    """Any member may raise sqlite3.OperationalError (the disk) or `Broken` (the file)."""

    def __init__(self, file: Path, *, most_bytes: int) -> None:
        self._most_pages = most_bytes // _PAGE
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=1)
        try:
            with _unbroken():
                self._open()
        except BaseException:
            self._db.close()
            raise

    def _open(self) -> None:
        # A damaged file may hold texts that are none.
        self._db.text_factory = bytes
        for pragma in (
            f"page_size={_PAGE}",
            "locking_mode=EXCLUSIVE",  # no file of shared memory, which a full disk would not bear
            "journal_mode=WAL",
            f"wal_autocheckpoint={_LOG}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            # In its place at once, so that a disk that fills up later need not find room for it.
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT; PRAGMA wal_checkpoint(RESTART)")
        elif version != 1:
            raise Broken(f"it is of version {version}")
        (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if found != b"ok":
            raise Broken(found.decode("utf-8", "replace"))
        self.next, self.lost = self._db.execute("SELECT next, lost FROM counter").fetchone()
        (self.waiting,) = self._db.execute("SELECT COUNT(*) FROM record").fetchone()
        (self.declined,) = self._db.execute("SELECT COUNT(*) FROM declined").fetchone()

    def first(self, after: int) -> tuple[int, Row | None] | None:
        """The oldest that waits and has a higher number, which comes first; None in place of a damaged record."""
        with _unbroken():
            found = self._db.execute(
                "SELECT number, payload, at, sum FROM record WHERE number > ? ORDER BY number LIMIT 1", (after,)
            ).fetchone()
        return found and (found[0], _row(*found))

    def write(self, change: Change, *, next_: int, lost: int, expired: float) -> int:
        """Write a change and the counters. Returns how many were dropped, the oldest first: those put before
        `expired`, and those there is no room for."""
        try:
            with _unbroken():
                return self._write(change, next_, lost, expired)
        except sqlite3.OperationalError:
            # On a full disk the log may stand in its own way: put what it holds in its place, and begin it again.
            with _unbroken():
                self._db.execute("PRAGMA wal_checkpoint(RESTART)")
                return self._write(change, next_, lost, expired)

    def _write(self, change: Change, next_: int, lost: int, expired: float) -> int:
        grows = bool(change.added) or next_ > self.next
        with self._transaction(durable=grows):
            added = sum(self._add(row) for row in change.added.values())
            done = sum(self._delete("record", number) for number in change.done)
            declined = sum(self._decline(number) for number in change.declined)
            of_waiting, of_declined = self._trim(expired) if grows else (0, 0)
            lost += of_waiting + of_declined
            if (next_, lost) != (self.next, self.lost):
                self._db.execute("UPDATE counter SET next = ?, lost = ?", (next_, lost))
        self.next, self.lost = next_, lost
        self.waiting += added - done - declined - of_waiting
        self.declined += declined - of_declined
        return of_waiting + of_declined

    @contextmanager
    def _transaction(self, *, durable: bool) -> Generator[None]:
        self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    def _add(self, row: Row) -> int:
        # One that is there already was written by a transaction of which the disk said that it had failed.
        values = (row.number, row.at, row.payload, _sum(row.number, row.payload))
        return self._db.execute("INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)", values).rowcount

    def _delete(self, table: str, number: int) -> int:
        return self._db.execute(f"DELETE FROM {table} WHERE number = ?", (number,)).rowcount  # noqa: S608 - one of two

    def _decline(self, number: int) -> int:
        self._db.execute(
            "INSERT INTO declined (number, at, payload, sum) SELECT number, at, payload, sum FROM record "
            "WHERE number = ?",
            (number,),
        )
        return self._delete("record", number)

    def _trim(self, expired: float) -> tuple[int, int]:
        """Drop the oldest of both, until none is too old and there is room."""
        dropped = {"record": 0, "declined": 0}
        while True:
            oldest = [
                (number, at, table)
                for table in dropped
                for number, at in self._db.execute(f"SELECT number, at FROM {table} ORDER BY number LIMIT 1")  # noqa: S608
            ]
            if not oldest or (min(oldest)[1] >= expired and not self._too_large()):
                return dropped["record"], dropped["declined"]
            number, _, table = min(oldest)
            dropped[table] += self._delete(table, number)

    def _too_large(self) -> bool:
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        (free,) = self._db.execute("PRAGMA freelist_count").fetchone()
        return pages - free > self._most_pages

    def offer(self, *, everything: bool) -> int | None:
        """Let declined records wait again: all of them, or the one declined longest ago. Returns its number."""
        few = "" if everything else "LIMIT 1"
        with _unbroken(), self._transaction(durable=False):
            turns = self._db.execute(f"SELECT turn, number FROM declined ORDER BY turn {few}").fetchall()  # noqa: S608
            for turn, _ in turns:
                self._db.execute(
                    "INSERT INTO record SELECT number, at, payload, sum FROM declined WHERE turn = ?", (turn,)
                )
                self._db.execute("DELETE FROM declined WHERE turn = ?", (turn,))
        self.waiting += len(turns)
        self.declined -= len(turns)
        return turns[0][1] if turns else None

    def shift(self, seconds: float, since: int) -> None:
        """The clock was set: records from this number on were put so much later than they say."""
        with _unbroken():
            for table in ("record", "declined"):
                self._db.execute(f"UPDATE {table} SET at = at + ? WHERE number >= ?", (seconds, since))  # noqa: S608

    def mend(self, change: Callable[[bytes], bytes], since: int) -> None:
        """Rewrite the records from this number on."""
        with _unbroken(), self._transaction(durable=True):
            for table in ("record", "declined"):
                query = f"SELECT number, payload FROM {table} WHERE number >= ?"  # noqa: S608
                for number, payload in self._db.execute(query, (since,)).fetchall():
                    fresh = change(payload)
                    self._db.execute(
                        f"UPDATE {table} SET payload = ?, sum = ? WHERE number = ?",  # noqa: S608
                        (fresh, _sum(number, fresh), number),
                    )

    def close(self) -> None:
        self._db.close()


def put_aside(file: Path) -> Path:
    """Rename a broken spool, in place of the one before. Returns its new name."""
    aside = file.with_name(f"{file.name}.broken")
    for tail in ("-wal", ""):
        aside.with_name(aside.name + tail).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            file.with_name(file.name + tail).rename(aside.with_name(aside.name + tail))
    return aside


def salvage(file: Path) -> list[Row]:
    """What can still be read of a broken spool, in order."""
    saved: dict[int, Row] = {}
    with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as db:
        db.text_factory = bytes
        for table in ("declined", "record"):
            with suppress(sqlite3.Error):
                for found in db.execute(f"SELECT number, payload, at, sum FROM {table}"):  # noqa: S608
                    if row := _row(*found):
                        saved[row.number] = row
    return [saved[number] for number in sorted(saved)]


def _row(number: Any, payload: Any, at: Any, checksum: Any) -> Row | None:
    """None where it is not what was written."""
    whole = isinstance(number, int) and isinstance(payload, bytes) and isinstance(at, float)
    return Row(number, payload, at) if whole and checksum == _sum(number, payload) else None


def _sum(number: int, payload: bytes) -> int:
    return zlib.crc32(payload, number & 0xFFFFFFFF)


@contextmanager
def _unbroken() -> Generator[None]:
    """Tells what SQLite says of a damaged file from what it says of the disk."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not str(error).startswith("no such"):
            raise
        raise Broken(str(error)) from None
