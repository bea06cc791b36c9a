"""How sure a class's figure is: an interval that holds the truth eight times out of ten.

It is made of counts and sizes alone. What any face showed does not enter its width, so the width tells nothing
of anybody that the figure itself did not tell.
"""

from __future__ import annotations

import math

__all__ = ["interval"]

_EIGHTY = 1.2816
"""Standard errors to either side that hold 80 % of a normal distribution."""
_BETWEEN_PEOPLE = 0.125
"""Variance of engagement between the people of one class; any mix of low, mid and high is as likely as another."""


def interval(
    engaged: float, *, faces: float, judged: float, spread: float, shared: float, step: float = 0, blurred: float = 0
) -> tuple[float, float] | None:
    """The 80 % interval around a figure as it is told; None where nothing was measured of the model's errors.

    `spread` is the mean squared error of one reading that differs from face to face, `shared` the error that all
    have in common, both at the sizes of the faces judged. Faces that were not judged are taken to be like the others.
    The levels under the figure were rounded to a `step` and held for up to a whole one; `blurred` is the standard
    deviation of noise.
    """
    unseen = _BETWEEN_PEOPLE * max(1 / judged - 1 / faces, 0)
    held = step**2 / 6  # two levels, each off by up to a step either way, make half of the figure each
    width = _EIGHTY * math.sqrt(max(spread, 0) / judged + shared**2 + unseen + held + blurred**2)
    if not math.isfinite(width):
        return None
    # Around the figure as it is told, by a width of counts and sizes alone: both ends tell no more digits of it.
    wide = math.ceil(100 * width) / 100
    return round(max(engaged - wide, 0), 3), round(min(engaged + wide, 1), 3)
