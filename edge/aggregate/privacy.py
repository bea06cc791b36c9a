"""The gate between what was added up and what may be told. Everything published passes `release` or `withhold`.

The k-threshold counts person-time, not track numbers: with at least `k` faces judged on average,
nobody (who can be in view all the time at most) weighs more than 1/k in a figure, however often a
track was lost and begun again. Faces too small to be judged are counted, but not here. The shares
of orientation, which not every face tells, pass the same threshold by themselves. Noise with a
budget belongs here too, between the sums and the rounding, and fills `epsilon`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from edge.aggregate.certainty import interval
from edge.aggregate.record import Aggregate, Levels, Measured, Orientation, Privacy, Withheld
from edge.aggregate.window import Sums

__all__ = ["release", "withhold"]

_LEAST_OBSERVED = 0.5  # a window seen for less than half its time says nothing about a class


def release(sums: Sums, *, k: int, seq: int, start: str, model: str, orientation: bool) -> Aggregate:
    """A record with figures if enough people shared the window, else one without."""

    seconds = round(sums.length / 1e6, 1)
    seconds = int(seconds) if seconds == int(seconds) else seconds

    def withheld(status: Literal["suppressed", "blind"]) -> Withheld:
        return withhold(status, k=k, seq=seq, start=start, seconds=seconds, model=model)

    if sums.observed < _LEAST_OBSERVED * sums.length:
        return withheld("blind")
    enough = k * sums.observed
    levels, coverage = _shares(sums.levels), sums.covered / sums.length
    # Figures that are none would come from a broken model; nothing is made of them.
    if sums.judged_time < enough or levels is None or not 0 <= coverage <= 1:
        return withheld("suppressed")
    engaged = float(levels[1] / 2 + levels[2])
    spread, shared = (sums.errors / sums.judged_time).tolist()
    faces, judged = sums.person_time / sums.observed, sums.judged_time / sums.observed
    low, high = interval(engaged, faces=faces, judged=judged, spread=spread, shared=shared) or (None, None)
    turned = _shares(sums.orientation) if orientation and sums.orientation.sum() >= enough else None
    return Measured(
        seq=seq,
        start=start,
        seconds=seconds,
        faces=round(faces),
        judged=round(judged),
        engaged=round(engaged, 2),
        engaged_low=low,
        engaged_high=high,
        levels=Levels(*_hundredths(levels)),
        coverage=round(coverage, 2),
        orientation=UNSET if turned is None else Orientation(*_hundredths(turned)),
        model=model,
        privacy=Privacy(k),
    )


def withhold(
    status: Literal["suppressed", "paused", "blind"], *, k: int, seq: int, start: str, seconds: float, model: str
) -> Withheld:
    return Withheld(seq=seq, start=start, seconds=seconds, status=status, model=model, privacy=Privacy(k))


def _shares(sums: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Parts of a whole, each from 0 to 1; None when the sums are none of anything."""
    total = float(sums.sum())
    return sums / total if 0 < total < np.inf and (sums >= 0).all() else None


def _hundredths(shares: NDArray[np.float64]) -> tuple[float, float, float]:
    """Rounded so that they still add up to 1: what rounding leaves over goes to the largest."""
    hundredths = np.rint(100 * shares).astype(int)
    hundredths[np.argmax(hundredths)] += 100 - hundredths.sum()
    first, second, third = (hundredths / 100).tolist()
    return first, second, third
