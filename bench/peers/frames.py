"""What every runner shares: names of pictures come in, faces and the time they took go out, a line each."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cv2

__all__ = ["serve"]

# Libraries chat on standard output; only answers may go there.
_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def serve(find: Callable[[Any], Iterable[Sequence[float]]]) -> None:
    """`find` takes a blue-green-red picture and gives a box per face: x, y, width, height, score.

    Its processor time is told, of all threads: on an idle machine one thread's time by the clock,
    and on a busy one, where the clock mostly measures the others, still right.
    """
    cv2.setNumThreads(1)
    for line in sys.stdin:
        name = line.rstrip("\n")
        image = cv2.imread(name)
        began = time.process_time()
        boxes = find(image)
        ms = 1000 * (time.process_time() - began)
        print(json.dumps({"frame": name, "boxes": [[float(v) for v in b] for b in boxes], "ms": ms}), file=_answers)
