"""Pictures that are the same, nearly the same, or frames of one recording.

Two hashes differ in as many bits as their signs' product says, so a block of pictures is compared
with all others by one matrix product; only close ones are then compared by correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from train.audit.prints import Prints

__all__ = ["Twins", "clusters", "recordings", "twins"]

_NEAR = ((6, 0.90), (10, 0.95))
"""Near-identical: at most so many differing bits of 63, and at least this correlation. Read off
FER-2013 by eye: pairs beyond these bounds are often different people."""
_ALIKE = ((16, 0.90),)
"""Frames of one recording: the camera and the room stay, the face may move."""
_WORK = 1 << 26


@dataclass(frozen=True, slots=True)
class Twins:
    """Pairs of rows, the lower one first."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    mirrored: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first)


def twins(prints: Prints) -> Twins:
    """All pairs of identical, near-identical and mirrored near-identical pictures."""
    straight = _pairs(prints, prints.hashes, prints.thumbs, _NEAR) + _equal(prints.digests)
    flipped = _pairs(prints, prints.mirrored, prints.thumbs[:, :, ::-1], _NEAR)
    known = dict.fromkeys(straight, False)
    for pair in flipped:
        known.setdefault(pair, True)
    pairs = np.array(sorted(known), np.int64).reshape(-1, 2)
    return Twins(pairs[:, 0], pairs[:, 1], np.array([known[a, b] for a, b in pairs.tolist()], bool))


def recordings(prints: Prints) -> NDArray[np.int64]:
    """A cluster number for every picture; frames of one recording share it."""
    pairs = np.array(_pairs(prints, prints.hashes, prints.thumbs, _ALIKE) + _equal(prints.digests), np.int64)
    pairs = pairs.reshape(-1, 2)
    return clusters(pairs[:, 0], pairs[:, 1], len(prints.hashes))


def clusters(first: NDArray[np.int64], second: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Connected pictures share a number."""
    graph = coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _pairs(
    prints: Prints,
    other_hashes: NDArray[np.float32],
    other_thumbs: NDArray[np.float32],
    bounds: tuple[tuple[int, float], ...],
) -> list[tuple[int, int]]:
    count, bits = prints.hashes.shape
    thumbs = prints.thumbs.reshape(count, -1)
    other = np.ascontiguousarray(other_thumbs).reshape(count, -1)
    loosest = bits - 2 * max(distance for distance, _ in bounds)
    found: list[tuple[int, int]] = []
    for start in range(0, count, max(1, _WORK // count)):
        stop = min(count, start + max(1, _WORK // count))
        agreement = prints.hashes[start:stop] @ other_hashes[start:].T
        rows, columns = np.nonzero(agreement >= loosest)
        rows, columns, differing = rows + start, columns + start, (bits - agreement[rows, columns]) / 2
        upper = columns > rows
        rows, columns, differing = rows[upper], columns[upper], differing[upper]
        correlation = np.einsum("nd,nd->n", thumbs[rows], other[columns])
        close = np.zeros(len(rows), bool)
        for distance, least in bounds:
            close |= (differing <= distance) & (correlation >= least)
        found += zip(rows[close].tolist(), columns[close].tolist(), strict=True)
    return found


def _equal(digests: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Each picture with the one before it that is equal byte for byte."""
    order = np.argsort(digests, kind="stable")
    same = np.flatnonzero(digests[order][1:] == digests[order][:-1])
    return list(zip(order[same].tolist(), order[same + 1].tolist(), strict=True))
