"""What does a record cost the SD card? Spools and delivers records on a disk; prints bytes and syncs a record as JSON.

python bench/spool_writes.py                    # on the disk of the current folder
python bench/spool_writes.py --folder /var/lib  # on another one
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from edge.aggregate.record import Levels, Measured, Privacy, encode
from edge.spool import Spool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.inner:
        deliver(flags.folder, 100)
        return
    with tempfile.TemporaryDirectory(dir=flags.folder) as name:
        folder = Path(name)
        before, began = written(), time.monotonic()
        size = deliver(folder, flags.records)
        took, cost = time.monotonic() - began, (written() - before) / flags.records
        print(
            json.dumps(
                {
                    "records": flags.records,
                    "record_bytes": size,
                    "written_bytes_per_record": round(cost),
                    "written_mb_per_day_of_10_s_windows": round(cost * 8640 / 1e6, 1),
                    "syncs_per_record": syncs(folder / "traced"),
                    "milliseconds_per_record": round(took / flags.records * 1000, 2),
                    "sqlite_pages": "1024 bytes, WAL, synchronous FULL for records and NORMAL for what is done",
                }
            )
        )


def deliver(folder: Path, records: int) -> int:
    """Put each record and take it out again, as with a broker that is there. Returns the size of one."""
    record = b""
    folder.mkdir(exist_ok=True)
    with Spool(folder, most_bytes=64 << 20, most_seconds=14 * 86400) as spool:
        for _ in range(records):
            number = spool.next_seq()
            record = encode(
                Measured(
                    seq=number,
                    start="2026-11-21T09:00:10Z",
                    seconds=10.0,
                    faces=12,
                    judged=10,
                    engaged=0.67,
                    engaged_low=0.53,
                    engaged_high=0.81,
                    coverage=0.93,
                    levels=Levels(low=0.18, mid=0.3, high=0.52),
                    model="engagement-edge-net-int8@03750937",
                    privacy=Privacy(k=5),
                )
            )
            spool.put(record)
            spool.done(number)
    return len(record)


def written() -> int:
    """Bytes this process has sent to disks (not to caches), as the kernel counts them."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("write_bytes")).split()[1])


def syncs(folder: Path) -> float | None:
    """Waits for the disk a record; None without strace."""
    if not shutil.which("strace"):
        return None
    log = folder.with_suffix(".log")
    command = [sys.executable, __file__, "--inner", "--folder", str(folder)]
    subprocess.run(["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", str(log), *command], check=True)
    return round(log.read_text(encoding="utf-8").count("sync(") / 100, 2)


if __name__ == "__main__":
    main()
