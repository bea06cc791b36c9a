"""Where records wait on disk until the broker has them, and where their numbers come from.

with hold(folder), Spool(folder, most_bytes=64 << 20, most_seconds=14 * 86400) as spool:
    record = make(seq=spool.next_seq())
    spool.put(encode(record))            # on disk, number and record in one transaction
    waiting = spool.peek()               # the oldest; sent, and once acknowledged:
    spool.done(waiting.number)
"""

from edge.spool.hold import hold, holder
from edge.spool.spool import Spool

__all__ = ["Spool", "hold", "holder"]
