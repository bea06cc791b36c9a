"""From a card's measured reliability to what is asked of one face: is it large enough, and how wrong may it be?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.model.card import Card, Reliability

__all__ = ["errors", "smallest_judged"]

_TOLD_APART = 0.8
"""A face is judged from the size on at which a low one is read below another in four cases out of five."""


def smallest_judged(card: Card) -> int:
    """Height of a face box in pixels; 0 where the card holds no measurement."""
    # From the largest down, so that one lucky figure among bad ones does not count.
    enough = 0
    for row in sorted(card.reliability, key=lambda row: -row.height):
        if row.auc < _TOLD_APART:
            break
        enough = row.height
    if card.reliability and not enough:
        enough = max(row.height for row in card.reliability)
    return round(enough / (1 + card.input.margin))


def errors(card: Card, boxes: NDArray[np.float32]) -> NDArray[np.float64]:
    """N x (spread, shared) of faces as large as these boxes; NaN where the card holds no measurement."""
    if not card.reliability:
        return np.full((len(boxes), 2), np.nan)
    covered = boxes[:, 2:].max(axis=1, initial=1) * (1 + card.input.margin)
    rows: Sequence[Reliability] = sorted(card.reliability, key=lambda row: row.height)
    heights = np.log2([row.height for row in rows])
    figures = ([row.spread for row in rows], [row.shared for row in rows])
    return np.column_stack([np.interp(np.log2(covered), heights, figure) for figure in figures])
