"""Puts records into a spool and takes them out, and says on standard output what was done. For strace."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from edge.spool import Spool

with Spool(Path(sys.argv[1]), most_bytes=1 << 20, most_seconds=86400) as spool:
    spool._store._db.execute("PRAGMA wal_autocheckpoint = 20")  # the log begins anew every few records
    for _ in range(int(sys.argv[2])):
        number = spool.next_seq()
        spool.put(b"%d " % number * 60)
        os.write(1, b"put %d\n" % number)
        if number % 4:
            os.write(1, b"done %d\n" % (number - 1))
            spool.done(number - 1)
    os._exit(0)
