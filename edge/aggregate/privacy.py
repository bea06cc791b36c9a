"""The gate between what was added up and what may be told. Everything published passes `release` or `withhold`.

The k-threshold counts person-time, not track numbers: with at least `k` faces judged on average,
nobody (who can be in view all the time at most) weighs more than 1/k in a figure, however often a
track was lost and begun again. Faces too small to be judged are counted, but not here. The shares
of orientation, which not every face tells, pass the same threshold by themselves.

Two windows together tell no more: companies that differ by a few are not both told of (`company`), a figure is no
finer than one person (`rounding`), and noise with a budget, where it is configured, comes before the rounding.
"""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from edge.aggregate.certainty import interval
from edge.aggregate.company import Company
from edge.aggregate.record import Aggregate, Levels, Measured, Orientation, Privacy, Withheld
from edge.aggregate.rounding import Held, step
from edge.aggregate.window import Sums

__all__ = ["Gate", "Noise", "withhold"]

_LEAST_OBSERVED = 0.5  # a window seen for less than half its time says nothing about a class


class Noise(Protocol):
    """Noise on the shares of so many judged, paid from a budget."""

    epsilon: float

    def add(self, shares: NDArray[np.float64], judged: float) -> NDArray[np.float64] | None:
        """None when the budget is spent."""
        ...

    def deviation(self, judged: float) -> float:
        """Of `engaged`, by the noise alone."""
        ...


class Gate:
    """Remembers of what it told before the sizes of companies and the figures, and nothing of anybody."""

    def __init__(self, *, k: int, orientation: bool, company: Company, noise: Noise | None = None) -> None:
        self._k = k
        self._orientation = orientation and noise is None
        self._company = company
        self._noise = noise
        self._levels, self._turned = Held(), Held()

    def release(self, sums: Sums, *, at: float, seq: int, start: str, model: str) -> Aggregate:
        """A record with figures if enough people shared the window, else one without. `at` is in seconds that never
        go back.
        """
        seconds = round(sums.length / 1e6, 1)
        seconds = int(seconds) if seconds == int(seconds) else seconds

        def withheld(status: Literal["suppressed", "blind"]) -> Withheld:
            return withhold(status, k=self._k, seq=seq, start=start, seconds=seconds, model=model)

        if sums.observed < _LEAST_OBSERVED * sums.length:
            return withheld("blind")
        enough = self._k * sums.observed
        shares, coverage = _shares(sums.levels), sums.covered / sums.length
        # Figures that are none would come from a broken model; nothing is made of them.
        if sums.judged_time < enough or shares is None or not 0 <= coverage <= 1:
            return withheld("suppressed")
        faces, judged = sums.person_time / sums.observed, sums.judged_time / sums.observed
        if not self._company.admits(judged, at):
            return withheld("suppressed")
        blurred = 0.0
        if self._noise:
            shares, blurred = self._noise.add(shares, judged), self._noise.deviation(judged)
            if shares is None:
                return withheld("suppressed")
        levels = Levels(*self._levels.round(shares, step(judged)))
        engaged = round(levels.mid / 2 + levels.high, 3)
        spread, shared = (sums.errors / sums.judged_time).tolist()
        low, high = interval(
            engaged, faces=faces, judged=judged, spread=spread, shared=shared, step=step(judged), blurred=blurred
        ) or (None, None)
        turned = _shares(sums.orientation) if self._orientation and sums.orientation.sum() >= enough else None
        return Measured(
            seq=seq,
            start=start,
            seconds=seconds,
            faces=round(faces),
            judged=round(judged),
            engaged=engaged,
            engaged_low=low,
            engaged_high=high,
            levels=levels,
            coverage=round(coverage, 2),
            orientation=UNSET
            if turned is None
            else Orientation(*self._turned.round(turned, step(sums.orientation.sum() / sums.observed))),
            model=model,
            privacy=Privacy(self._k, self._noise.epsilon if self._noise else None),
        )


def withhold(
    status: Literal["suppressed", "paused", "blind"], *, k: int, seq: int, start: str, seconds: float, model: str
) -> Withheld:
    return Withheld(seq=seq, start=start, seconds=seconds, status=status, model=model, privacy=Privacy(k))


def _shares(sums: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Parts of a whole, each from 0 to 1; None when the sums are none of anything."""
    total = float(sums.sum())
    return sums / total if 0 < total < np.inf and (sums >= 0).all() else None
