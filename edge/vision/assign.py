"""Who is who: the pairing of rows and columns with the least total cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["pairs"]


def pairs(cost: NDArray[np.float64], most: float) -> list[tuple[int, int]]:
    """Row and column of each pair in the cheapest assignment; pairs dearer than `most` are not made.

    Shortest augmenting paths (Jonker and Volgenant): rows enter one by one, and each pushes those
    before it to other columns where that is cheaper for all.
    """
    if cost.shape[0] > cost.shape[1]:
        return sorted((row, column) for column, row in pairs(cost.T, most))
    # All forbidden pairs cost the same, so they are made only where nothing better is left.
    capped = np.where(cost <= most, cost, most + 1)
    rows, columns = capped.shape
    row_of = np.full(columns, -1)
    prices = np.zeros(columns)
    for row in range(rows):
        _enter(row, capped, prices, row_of)
    return [(int(row), column) for column, row in enumerate(row_of) if row >= 0 and cost[row, column] <= most]


def _enter(row: int, cost: NDArray[np.float64], prices: NDArray[np.float64], row_of: NDArray[np.int64]) -> None:
    """Extend the assignment by one row along the cheapest path to a free column."""
    distance = np.full(len(prices), np.inf)
    before = np.full(len(prices), -1)
    done = np.zeros(len(prices), bool)
    current, reached, last = row, 0.0, -1
    while True:
        # What a step costs beyond what the row pays where it is now.
        own = cost[current] - prices
        base = own[last] if last >= 0 else 0.0
        through = reached + own - base
        better = ~done & (through < distance)
        distance[better], before[better] = through[better], last
        last = int(np.argmin(np.where(done, np.inf, distance)))
        reached = float(distance[last])
        done[last] = True
        if row_of[last] < 0:
            break
        current = int(row_of[last])
    prices[done] += distance[done] - reached
    while last >= 0:
        previous = int(before[last])
        row_of[last] = row if previous < 0 else row_of[previous]
        last = previous
