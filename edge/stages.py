"""How long each stage of the loop takes: the last few thousand measurements of each, for health and bench."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager

import numpy as np

__all__ = ["STAGES", "Stages"]

STAGES = ("capture", "detect", "look", "track", "crop", "classify", "aggregate")
"""Stage after stage; `look` is one of the looks that `detect` is made of."""
_KEPT = 4096


class Stages:
    def __init__(self) -> None:
        self._seconds = {stage: deque[float](maxlen=_KEPT) for stage in STAGES}

    def add(self, stage: str, seconds: float) -> None:
        self._seconds[stage].append(seconds)

    @contextmanager
    def timed(self, stage: str) -> Generator[None, None, None]:
        start = time.perf_counter()
        yield
        self.add(stage, time.perf_counter() - start)

    def milliseconds(self, stage: str) -> dict[str, float]:
        """p50, p95 and p99; empty before the first measurement."""
        values = self._seconds[stage]
        if not values:
            return {}
        p50, p95, p99 = np.percentile(np.array(values) * 1000, (50, 95, 99)).tolist()
        return {"p50": round(p50, 3), "p95": round(p95, 3), "p99": round(p99, 3)}
