"""A spool with records in it, for tests: each record says its number."""

from __future__ import annotations

from pathlib import Path

from room import Time

from edge.spool import Spool

__all__ = ["DAY", "MIB", "copied", "opened", "put", "waiting"]

MIB, DAY = 1 << 20, 86400.0


def opened(folder: Path, *, most_bytes: int = 64 * MIB, time: Time | None = None) -> Spool:
    return Spool(folder, most_bytes=most_bytes, most_seconds=14 * DAY, clock=(time or Time()).clock)


def put(spool: Spool, count: int = 1, size: int = 0) -> list[int]:
    """Records that say their number. Returns the numbers."""
    numbers = []
    for _ in range(count):
        number = spool.next_seq()
        spool.put(b"%d" % number + b"." * size)
        numbers.append(number)
    return numbers


def waiting(spool: Spool) -> list[int]:
    """The numbers of all that wait, in order; each of them says the number it stands under."""
    found, after = [], -1
    while record := spool.peek(after):
        assert int(record.payload.rstrip(b".")) == record.number
        found.append(after := record.number)
    return found


def copied(folder: Path) -> Path:
    """The files as they are now, beside a spool that runs: what a kill -9 leaves."""
    copy = folder / "copy"
    copy.mkdir()
    for file in ("spool.db", "spool.db-wal", "seq"):
        (copy / file).write_bytes((folder / file).read_bytes())
    return copy
