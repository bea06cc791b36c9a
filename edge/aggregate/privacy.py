"""The gate between what was added up and what may be told. Everything published passes `release`.

The k-threshold counts person-seconds, not track numbers: with at least `k` faces in view on
average, nobody (who can be in view all the time at most) weighs more than 1/k in a figure, however
often a track was lost and begun again. Noise with a budget belongs here too, between the sums and
the rounding, and fills `epsilon`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from edge.aggregate.record import Aggregate, Levels, Measured, Orientation, Privacy, Withheld
from edge.aggregate.window import Sums

__all__ = ["release", "withhold"]

_LEAST_OBSERVED = 0.5  # a window seen for less than half its time says nothing about a class


def release(sums: Sums, *, k: int, seq: int, start: str, model: str, orientation: bool = False) -> Aggregate:
    """A record with figures if enough people shared the window, else one without."""

    seconds = round(sums.seconds, 1)
    seconds = int(seconds) if seconds == int(seconds) else seconds

    def withheld(status: Literal["suppressed", "blind"]) -> Withheld:
        return withhold(status, k=k, seq=seq, start=start, seconds=seconds, model=model)

    if sums.observed < _LEAST_OBSERVED * sums.seconds:
        return withheld("blind")
    faces = sums.person_seconds / sums.observed
    if faces < k:
        return withheld("suppressed")
    low, mid, high = _rounded_shares(sums.levels)
    front, down, away = _rounded_shares(sums.orientation) if orientation else (0.0, 0.0, 0.0)
    share = sums.levels / sums.levels.sum()
    return Measured(
        seq=seq,
        start=start,
        seconds=seconds,
        faces=round(faces),
        engaged=round(float(share[1] / 2 + share[2]), 2),
        levels=Levels(low, mid, high),
        coverage=round(min(sums.covered / sums.seconds, 1.0), 2),
        orientation=Orientation(front, down, away) if orientation else UNSET,
        model=model,
        privacy=Privacy(k),
    )


def withhold(
    status: Literal["suppressed", "paused", "blind"], *, k: int, seq: int, start: str, seconds: float, model: str
) -> Withheld:
    return Withheld(seq=seq, start=start, seconds=seconds, status=status, model=model, privacy=Privacy(k))


def _rounded_shares(sums: NDArray[np.float64]) -> tuple[float, float, float]:
    """Hundredths that still add up to 1: what rounding leaves over goes to the largest share."""
    hundredths = np.rint(100 * sums / max(float(sums.sum()), 1e-9)).astype(int)
    hundredths[np.argmax(hundredths)] += 100 - hundredths.sum()
    low, mid, high = (hundredths / 100).tolist()
    return low, mid, high
