"""Found faces against labelled ones: recall by height, and precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.flow import Faces
from edge.vision.boxes import intersections, overlaps

__all__ = ["HEIGHTS", "Bin", "Result", "Verdict", "judge", "summed"]

HEIGHTS = (0, 16, 24, 32, 48)
"""Lower ends of the bins in which recall is told, in pixels."""
_ASKED_PRECISION = 0.95


@dataclass(frozen=True, slots=True)
class Verdict:
    """One picture's faces, compared with its labels."""

    heights: NDArray[np.float64]
    """Of the labelled faces."""
    found: NDArray[np.bool_]
    scores: NDArray[np.float32]
    """Of what was detected, where it counts."""
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    height: str
    faces: int
    recall: float | None


@dataclass(frozen=True, slots=True)
class Result:
    pictures: int
    faces: int
    """Labelled faces of at least `smallest_face` pixels, which recall and precision speak of."""
    smallest_face: int
    iou: float
    recall: float
    precision: float
    recall_at_95: float | None
    """The best recall among thresholds at which 95 % of what is found are faces."""
    by_height: tuple[Bin, ...]
    found: int
    """Of those labelled faces."""
    large: int
    """Of the found ones, those large enough to be judged."""
    smallest_judged: int
    milliseconds: float
    """A picture, median."""


def judge(
    found: Faces, faces: NDArray[np.float32], ignored: NDArray[np.float32], *, smallest: float, iou: float
) -> Verdict:
    """Pair the best detections first, each with the free face it overlaps most.

    Faces below `smallest` and ignored regions count neither way: who finds them is not wrong.
    """
    shared = overlaps(found.boxes, faces)
    large = faces[:, 3] >= smallest
    areas = np.maximum(found.boxes[:, 2:].prod(axis=1), 1e-6)
    hidden = intersections(found.boxes, ignored).max(axis=1, initial=0) >= 0.5 * areas
    taken = np.zeros(len(faces), bool)
    counts, right = np.ones(len(found), bool), np.zeros(len(found), bool)
    for row in np.argsort(-found.scores, kind="stable"):
        # A face that is asked for comes before one that is not.
        for wanted in (large, ~large):
            candidates = np.where(wanted & ~taken, shared[row], 0)
            best = int(candidates.argmax()) if len(candidates) else -1
            if best >= 0 and candidates[best] >= iou:
                taken[best] = True
                right[row], counts[row] = bool(large[best]), bool(large[best])
                break
        else:
            counts[row] = not hidden[row]
    return Verdict(faces[:, 3].astype(np.float64), taken, found.scores[counts], right[counts])


def summed(verdicts: Sequence[Verdict], smallest: int, iou: float, milliseconds: float, *, judged: int = 0) -> Result:
    """`judged` is the height from which a face is judged, not only counted."""
    heights = np.concatenate([v.heights for v in verdicts])
    found = np.concatenate([v.found for v in verdicts])
    scores = np.concatenate([v.scores for v in verdicts])
    right = np.concatenate([v.right for v in verdicts])[np.argsort(-scores, kind="stable")]
    asked = int((heights >= smallest).sum())
    counted = found & (heights >= smallest)
    if not asked:
        raise Problem(f"No labelled face is {smallest} pixels high or more. Lower vision.smallest_face.")
    hits = np.cumsum(right)
    precise = np.flatnonzero(hits >= _ASKED_PRECISION * np.arange(1, len(hits) + 1))
    ends = [*HEIGHTS[1:], np.inf]
    return Result(
        pictures=len(verdicts),
        faces=asked,
        smallest_face=smallest,
        iou=iou,
        recall=float(found[heights >= smallest].mean()),
        precision=float(right.mean()) if len(right) else 1.0,
        recall_at_95=float(hits[precise[-1]]) / asked if len(precise) else None,
        by_height=tuple(_bin(heights, found, low, high) for low, high in zip(HEIGHTS, ends, strict=True)),
        found=int(counted.sum()),
        large=int((counted & (heights >= judged)).sum()),
        smallest_judged=judged,
        milliseconds=milliseconds,
    )


def _bin(heights: NDArray[np.float64], found: NDArray[np.bool_], low: float, high: float) -> Bin:
    name = f"under {high:.0f}" if low == 0 else f"{low:.0f} and more" if high == np.inf else f"{low:.0f} to {high:.0f}"
    inside = (heights >= low) & (heights < high)
    return Bin(name, int(inside.sum()), float(found[inside].mean()) if inside.any() else None)
