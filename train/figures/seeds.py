"""One figure for several runs that differ in their seed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from train.figures.draws import Estimate

__all__ = ["mean"]


def mean(runs: Sequence[Estimate]) -> Estimate:
    """The mean over the runs; its interval is the mean of theirs, over subjects."""
    return Estimate(*(fmean(getattr(run, part) for run in runs) for part in ("value", "low", "high")))
