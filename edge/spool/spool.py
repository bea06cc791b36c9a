"""The outbox on disk. What the disk does not take waits in memory, and is written once it does."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from edge.flow import Waiting
from edge.spool.mark import Mark
from edge.spool.store import Broken, Change, Row, Store, put_aside, salvage
from edge.timeline import Clock

__all__ = ["Spool"]

_log = logging.getLogger(__name__)
_IN_MEMORY = 1000  # records, while the disk takes none
_SKIPPED = 100  # numbers, where a spool was damaged: after a power cut the mark may lag by half a minute
_SET = 60.0  # seconds by which the clock must jump to count as set


class Spool:
    """Records in order, with numbers that have no gaps. One thread puts; another peeks, sends and says done.

    What is asked for takes effect in memory at once and is written as one transaction. While the disk refuses, it
    stays there (of records, the newest thousand), the mark keeps the number, and every put tries the disk again.
    """

    def __init__(self, folder: Path, *, most_bytes: int, most_seconds: float, clock: Clock | None = None) -> None:
        self._file = folder / "spool.db"
        self._mark = Mark(folder / "seq")
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._clock = clock or Clock()
        self._zero = self._clock.wall() - self._clock.monotonic()
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._change = Change()
        """What is not on disk yet."""
        self._lost = 0
        self._failure = self._bound = self._damage = ""
        self._next = self._first = 0
        self._begin()

    @property
    def depth(self) -> int:
        """How many wait. Those the broker declined do not."""
        with self._lock:
            stored = self._store.waiting if self._store else 0
            return max(0, stored + len(self._change.added) - len(self._change.done) - len(self._change.declined))

    @property
    def declined(self) -> int:
        with self._lock:
            return (self._store.declined if self._store else 0) + len(self._change.declined)

    @property
    def dropped(self) -> int:
        """How many were lost, ever."""
        return self._lost

    @property
    def newest(self) -> int:
        """The number given last."""
        return self._next - 1

    @property
    def place(self) -> str:
        return "memory" if self._failure else "disk"

    @property
    def trouble(self) -> str | None:
        """What is wrong here, in words; None when nothing is."""
        return " ".join(filter(None, (self._failure, self._bound, self._damage))) or None

    def next_seq(self) -> int:
        """The number of the record that is put next."""
        with self._lock:
            # One that cannot be kept must be none that is given again after a restart.
            if not self._mark.write(self._next):
                self._next = max(self._next, self._time())
            return self._next

    def put(self, payload: bytes) -> None:
        """Keep a record; where the disk takes it, it is there before this returns."""
        with self._lock:
            self._change.added[self._next] = Row(self._next, payload, self._now())
            self._count()

    def skip(self) -> None:
        """The next record goes elsewhere; its number is spent."""
        with self._lock:
            self._count()

    def peek(self, after: int = -1) -> Waiting | None:
        """The oldest that waits and has a higher number than this. It stays until it is done or declined."""
        with self._lock:
            now = self._now()
            row = self._find(after)
            return Waiting(row.number, row.payload, max(0.0, now - row.at)) if row else None

    def done(self, number: int) -> None:
        with self._lock:
            if self._change.added.pop(number, None) is None:
                self._change.done.add(number)
                self._settle()

    def decline(self, number: int) -> None:
        """The broker will not have it. Kept aside."""
        with self._lock:
            self._change.declined.add(number)
            self._settle()

    def offer(self, *, everything: bool) -> int | None:
        """Declined records wait again: all, or the one that was declined longest ago. Returns its number."""
        with self._lock:
            if self._change.declined:
                first = min(self._change.declined)
                self._change.declined -= set(self._change.declined) if everything else {first}
                return first
            if self._store is None or not self._store.declined:
                return None
            try:
                return self._store.offer(everything=everything)
            except sqlite3.OperationalError as error:
                self._fail(error)
            except Broken as broken:
                self._replace(broken)
            return None

    def mend(self, change: Callable[[bytes], bytes]) -> None:
        """Rewrite what this run has put and still waits."""
        with self._lock:
            self._change.added = {n: row._replace(payload=change(row.payload)) for n, row in self._change.added.items()}
            try:
                if self._store:
                    self._store.mend(change, since=self._first)
            except sqlite3.OperationalError as error:
                self._fail(error)
            except Broken as broken:
                self._replace(broken)

    def close(self) -> None:
        with self._lock:
            self._flush()
            if self._store:
                self._store.close()
                self._store = None

    def __enter__(self) -> Spool:  # noqa: PYI034 - typing has Self from 3.11 on only
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        """Open the store, and find the number to go on with."""
        marked = self._mark.read()
        self._open()
        stored = self._store.next if self._store else 0
        if self._store is None or (marked is None and not stored):
            _log.warning("The last seq is not known: counting goes on from the time, in seconds.")
            number = self._time()
        else:
            number = max(stored, marked or 0) + (_SKIPPED if self._damage else 0)
        self._next = self._first = number
        if self._change.added:
            self._flush()

    def _time(self) -> int:
        """A record lasts a second at least, so this is above every number given before, as far as clocks are right."""
        return int(self._clock.wall())

    def _count(self) -> None:
        self._next += 1
        self._flush()
        self._mark.write(self._next, durable=bool(self._failure))
        while len(self._change.added) > _IN_MEMORY:
            oldest = next(iter(self._change.added))
            del self._change.added[oldest]
            self._change.declined.discard(oldest)
            self._lost += 1

    def _settle(self) -> None:
        """A disk that fails is tried again with the next put, and not for every record that is done."""
        if not self._failure:
            self._flush()

    def _flush(self, *, again: bool = True) -> None:
        """Write what is not on disk yet."""
        if self._store is None:
            self._open()
        if self._store is None:
            return
        try:
            expired = self._now() - self._most_seconds
            dropped = self._store.write(self._change, next_=self._next, lost=self._lost, expired=expired)
        except sqlite3.OperationalError as error:
            self._fail(error)
        except Broken as broken:
            self._replace(broken)
            if again:
                self._flush(again=False)
        else:
            self._written(dropped)

    def _written(self, dropped: int) -> None:
        if self._failure:
            _log.info("The spool %s can be written again.", self._file)
        if self._change.added:
            self._say_bound(dropped)
        self._lost += dropped
        self._failure = ""
        self._change = Change()

    def _say_bound(self, dropped: int) -> None:
        bound = f"{self._most_bytes / 2**20:g} MiB or {self._most_seconds / 86400:g} days"
        message = f"The spool is at its bound ({bound}): the oldest records are dropped." if dropped else ""
        if message and not self._bound:
            _log.warning(message)
        self._bound = message

    def _find(self, after: int) -> Row | None:
        try:
            while self._store and (found := self._store.first(after)):
                after, row = found
                if row is None:
                    _log.error("Record %d was damaged on the disk and is lost.", after)
                    self._lost += 1
                    self._change.done.add(after)
                    self._settle()
                elif after not in self._change.done | self._change.declined:
                    return row
        except sqlite3.OperationalError as error:
            self._fail(error)
        except Broken as broken:
            self._replace(broken)
        hidden = self._change.declined
        return next((r for n, r in self._change.added.items() if n > after and n not in hidden), None)

    def _open(self) -> None:
        try:
            self._store = Store(self._file, most_bytes=self._most_bytes)
            self._lost += self._store.lost
        except sqlite3.OperationalError as error:
            self._fail(error)
        except Broken as broken:
            self._replace(broken)

    def _replace(self, broken: Broken) -> None:
        """Put a damaged store aside, take over what can be read of it, and begin a new one."""
        known = self._store.waiting + self._store.declined - len(self._change.done) if self._store else 0
        if self._store:
            self._store.close()
        self._store = None
        try:
            aside = put_aside(self._file)
            saved = salvage(aside)
            self._store = Store(self._file, most_bytes=self._most_bytes)
        except (OSError, sqlite3.Error, Broken) as error:
            self._fail(error)
            return
        self._damage = f"The spool was damaged ({broken}) and is kept as {aside}; {len(saved)} records were saved."
        _log.error(self._damage)
        saved = [row for row in saved if row.number not in self._change.done]
        self._lost += max(0, known - len(saved))
        self._change = Change({row.number: row for row in saved} | self._change.added)

    def _fail(self, error: Exception) -> None:
        message = (
            f"The spool {self._file} cannot be written ({error}): the newest {_IN_MEMORY} records are kept in memory. "
            "Make room on the disk, and the folder writable; service.state_dir names another."
        )
        if not self._failure:
            _log.warning(message)
        self._failure = message

    def _now(self) -> float:
        """Unix time. Where the clock was set, what this run has put is as old as before."""
        wall = self._clock.wall()
        jump = wall - self._clock.monotonic() - self._zero
        if abs(jump) > _SET:
            self._zero += jump
            self._change.added = {n: row._replace(at=row.at + jump) for n, row in self._change.added.items()}
            try:
                if self._store:
                    self._store.shift(jump, since=self._first)
            except (sqlite3.OperationalError, Broken) as error:
                self._fail(error)
        return wall
