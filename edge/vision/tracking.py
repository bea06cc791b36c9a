"""Faces over time: each seat keeps a number while its face is there, and waits while something hides it.

A track knows a place, a size and a speed, and how sure the detector has been. It knows nothing of
how a face looks, so nobody can be found again by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.assign import pairs
from edge.vision.boxes import covered, overlaps

__all__ = ["Track", "Tracker"]

_SURE = 0.5  # one sighting this good is a face
_LIKELY = 0.4  # several this good are one too
_SIGHTINGS = 3
_NEAR = 0.9  # farther than this, in box sizes, is another face
_TWICE = 0.5  # a new box that shares this much with a known face is no new face
_WAIT = 3.0  # seconds a hidden face is waited for
_DOUBT = 1.0  # seconds a weak beginning is waited for
_COAST = 0.5  # seconds for which a speed is believed
_FOLLOW = 0.6  # how far a box moves towards what was seen; the rest is noise


@dataclass(slots=True)
class Track:
    number: int
    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float
    """The best of late: a weak sighting lowers it only slowly."""
    seen: float
    """When its face was last found."""
    step: float
    """The step of the windows it was last found in."""
    velocity: NDArray[np.float32]
    """Pixels a second, of the middle."""
    sightings: int = 1
    misses: int = 0
    """Looks in a row that should have found it and did not."""
    confirmed: bool = False

    def moved(self, now: float) -> NDArray[np.float32]:
        """How far it has probably gone since it was seen."""
        return self.velocity * min(now - self.seen, _COAST)

    def expected(self, now: float) -> NDArray[np.float32]:
        return np.concatenate([self.box[:2] + self.moved(now), self.box[2:]])

    def see(
        self, box: NDArray[np.float32], keypoints: NDArray[np.float32], score: float, step: float, now: float
    ) -> None:
        expected = self.expected(now)
        blended = expected + _FOLLOW * (box - expected)
        elapsed = now - self.seen
        if elapsed > 0:
            travelled = blended[:2] + blended[2:] / 2 - self.box[:2] - self.box[2:] / 2
            self.velocity = (0.5 * self.velocity + 0.5 * travelled / max(elapsed, 0.05)).astype(np.float32)
        self.box, self.keypoints = blended.astype(np.float32), keypoints
        self.score = max(score, 0.8 * self.score + 0.2 * score)
        self.seen, self.step, self.misses = now, step, 0
        self.sightings += 1
        self._judge()

    def _judge(self) -> None:
        self.confirmed |= self.score >= _SURE or (self.score >= _LIKELY and self.sightings >= _SIGHTINGS)


class Tracker:
    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._next = 0

    def forget(self) -> None:
        """End all tracks. Numbers are never used again."""
        self.tracks.clear()

    def update(
        self,
        found: Faces,
        steps: NDArray[np.float32],
        now: float,
        looked_at: Callable[[Track], bool],
        beginning: float,
    ) -> None:
        """Pair what was found with what is known. `looked_at` says whether a track's face should have been
        found; only faces of at least the score `beginning` found new tracks."""
        matched = self._pairs(found, now)
        for index, row in matched:
            self.tracks[index].see(
                found.boxes[row], found.keypoints[row], float(found.scores[row]), float(steps[row]), now
            )
        seen = {index for index, _ in matched}
        for index, track in enumerate(self.tracks):
            if index not in seen and looked_at(track):
                track.misses += 1
                track.velocity = track.velocity * np.float32(0.5)
        self.tracks = [t for t in self.tracks if now - t.seen <= self._patience(t)]
        self._begin(found, steps, now, {row for _, row in matched}, beginning)

    def present(self, now: float) -> Faces:
        """The faces that are to be seen now: sure ones, not hidden."""
        there = [t for t in self.tracks if t.confirmed and t.misses < 2]
        if not there:
            return Faces.none()
        shifts = np.stack([t.moved(now) for t in there]).astype(np.float32)
        boxes = np.stack([t.box for t in there])
        boxes[:, :2] += shifts
        return Faces(
            boxes,
            np.array([t.score for t in there], np.float32),
            np.stack([t.keypoints for t in there]) + shifts[:, None],
            np.array([t.number for t in there], np.int64),
        )

    def _patience(self, track: Track) -> float:
        return _WAIT if track.confirmed else _DOUBT

    def _pairs(self, found: Faces, now: float) -> list[tuple[int, int]]:
        if not self.tracks or not len(found):
            return []
        expected = np.stack([t.expected(now) for t in self.tracks])
        iou = overlaps(expected, found.boxes)
        apart = (expected[:, None, :2] + expected[:, None, 2:] / 2) - (
            found.boxes[None, :, :2] + found.boxes[None, :, 2:] / 2
        )
        sizes = np.sqrt(expected[:, None, 2:].prod(axis=2) * found.boxes[None, :, 2:].prod(axis=2))
        distance = np.linalg.norm(apart, axis=2) / np.maximum(sizes, 1)
        ratio = np.abs(np.log(np.maximum(expected[:, None, 3], 1) / np.maximum(found.boxes[None, :, 3], 1)))
        cost = (1 - iou) + distance + 0.5 * ratio
        cost[(distance > _NEAR) | (ratio > math.log(2.5))] = np.inf
        return pairs(cost.astype(np.float64), 10.0)

    def _begin(self, found: Faces, steps: NDArray[np.float32], now: float, taken: set[int], beginning: float) -> None:
        fresh = [row for row in range(len(found)) if row not in taken and found.scores[row] >= beginning]
        if fresh and self.tracks:
            known = np.stack([t.expected(now) for t in self.tracks])
            shared = covered(found.boxes[fresh], known).max(axis=1)
            fresh = [row for row, share in zip(fresh, shared, strict=True) if share < _TWICE]
        for row in fresh:
            track = Track(
                self._next,
                found.boxes[row],
                found.keypoints[row],
                float(found.scores[row]),
                now,
                float(steps[row]),
                np.zeros(2, np.float32),
            )
            track.confirmed = track.score >= _SURE
            self.tracks.append(track)
            self._next += 1
