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
    engaged: float, *, faces: float, judged: float, spread: float, shared: float
) -> tuple[float, float] | None:
    """The 80 % interval around a figure in hundredths; None where nothing was measured of the model's errors.

    `spread` is the mean squared error of one reading that differs from face to face, `shared` the error that all
    have in common, both at the sizes of the faces judged. Faces that were not judged are taken to be like the others.
    """
    unseen = _BETWEEN_PEOPLE * max(1 / judged - 1 / faces, 0)
    width = _EIGHTY * math.sqrt(max(spread, 0) / judged + shared**2 + unseen)
    if not math.isfinite(width):
        return None
    # Rounded before it is added: both ends then have the hundredths of the figure and tell no more digits of it.
    wide = math.ceil(100 * width)
    middle = round(100 * engaged)
    return max(middle - wide, 0) / 100, min(middle + wide, 100) / 100
