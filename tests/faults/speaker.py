"""The sensor's delivery in a process small enough to be killed fifty times: spool and publisher, without a camera.

python speaker.py FOLDER URL UNTIL PACE: a record every PACE seconds until number UNTIL; leaves when all are delivered.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from edge.publish import Publisher, Topics, parse
from edge.spool import Spool, hold

ROOM = Topics("school", "room-1")


def main(folder: Path, url: str, until: int, pace: float) -> None:
    with (
        hold(folder),
        Spool(folder, most_bytes=64 << 20, most_seconds=86400) as spool,
        Publisher(parse(url), ROOM, expires=3600, outbox=spool, catch_up=200) as voice,
    ):
        while (number := spool.next_seq()) < until:
            # Who wrote it and when, so that a number given twice is seen.
            voice.engagement(json.dumps({"seq": number, "by": os.getpid(), "at": time.time()}).encode())
            time.sleep(pace)
        while spool.depth or spool.declined:
            time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
