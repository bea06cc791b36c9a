"""The power goes at any moment: every write since the last sync of its file may be there, in part, or not at all.

strace writes down every write and every sync of a process that spools. From that the disk is made as it may look after
a cut: up to each file's last sync it is whole; of what was written later each sector is there or not, at random.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from parts import need

from edge.spool import Spool

WRITER = Path(__file__).with_name("writer.py")
RECORDS, CUTS, SECTOR = 120, 60, 512
CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
WORDS = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass
class File:
    whole: bytearray = field(default_factory=bytearray)
    """As of the last sync."""
    since: list[tuple[int, bytes]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, content in self.since:
            _write(self.whole, offset, content)
        self.since = []

    def after_a_cut(self, chance: random.Random) -> bytes:
        found = bytearray(self.whole)
        share = chance.choice((0.0, 0.5, 0.95, 1.0))
        for offset, content in self.since:
            for start in range(0, len(content), SECTOR):
                if chance.random() < share:
                    _write(found, offset + start, content[start : start + SECTOR])
        return bytes(found)


def _write(into: bytearray, offset: int, content: bytes) -> None:
    into.extend(bytes(max(0, offset + len(content) - len(into))))
    into[offset : offset + len(content)] = content


class Disk:
    """What the process did, event after event."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.put: set[int] = set()
        self.done: set[int] = set()
        self._open: dict[int, str] = {}

    def happen(self, call: str, words: str, result: int) -> None:
        number = int(words.split(",", maxsplit=1)[0]) if words[:1].isdigit() else -1
        file = self.files.get(self._open.get(number, ""))
        said = [bytes.fromhex(text.replace("\\x", "")) for text in WORDS.findall(words)]
        if call == "openat" and result >= 0:
            self._open[result] = Path(said[0].decode()).name
            if "O_CREAT" in words:
                self.files.setdefault(self._open[result], File())
        elif call == "close":
            self._open.pop(number, None)
        elif call == "write" and number == 1:
            what, record = said[0].split()
            (self.put if what == b"put" else self.done).add(int(record))
        elif call == "unlink":
            self.files.pop(Path(said[0].decode()).name, None)
        elif file and call == "pwrite64":
            file.since.append((int(words.rpartition(", ")[2]), said[0]))
        elif file and call == "ftruncate":
            del file.whole[int(words.rpartition(", ")[2]) :]
        elif file and call in ("fsync", "fdatasync"):
            file.sync()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, int]]:
    folder, log = tmp_path_factory.mktemp("spool"), tmp_path_factory.mktemp("strace") / "log"
    traced = "trace=openat,close,write,pwrite64,ftruncate,unlink,fsync,fdatasync"
    subprocess.run(
        [
            *(need("strace", "strace"), "-f", "-xx", "-s", "100000", "-e", traced, "-o", log),
            *(sys.executable, WRITER, folder, str(RECORDS)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found = [CALL.match(line) for line in log.read_text().splitlines()]
    events = [(match[1], match[2], int(match[3])) for match in found if match]
    first = next(n for n, (call, words, _) in enumerate(events) if call == "openat" and "O_CREAT" in words)
    assert sum(call == "fdatasync" for call, *_ in events) > RECORDS, "every record waits for the disk"
    return events[first:]


@pytest.mark.parametrize("seed", range(3))
def test_a_power_cut_costs_the_record_being_written_at_most(calls, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    started = next(n for n, (call, words, _) in enumerate(calls) if call == "write" and words.startswith("1,"))
    cuts = sorted(chance.sample(range(started, len(calls)), CUTS))
    disk, happened, torn = Disk(), 0, 0
    for cut in cuts:
        while happened < cut:
            disk.happen(*calls[happened])
            happened += 1
        folder = tmp_path / str(cut)
        folder.mkdir()
        for name, file in disk.files.items():
            (folder / name).write_bytes(file.after_a_cut(chance))
            torn += bool(file.since)
        with Spool(folder, most_bytes=1 << 20, most_seconds=86400) as spool:
            assert spool.trouble is None, f"cut {cut} broke the spool"
            found = set()
            while record := spool.peek(max(found, default=-1)):
                assert record.payload == b"%d " % record.number * 60
                found.add(record.number)
            assert disk.put - disk.done <= found, f"cut {cut} lost a record"
            assert len(found - disk.put) <= 1, "the one being written"
            assert spool.dropped == 0
            assert spool.next_seq() == max(found | disk.put) + 1, "no number is skipped, and none given twice"
    assert torn > CUTS / 2, "most cuts fall between a write and its sync"
