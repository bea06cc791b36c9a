"""Faces over time: each seat keeps a number while its face is there, and waits while something hides it.

A track knows a place, a size and a speed, and how sure the detector has been. It knows nothing of
how a face looks, so nobody can be found again by it.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.assign import pairs
from edge.vision.boxes import inner, overlaps, parts

__all__ = ["BEGINNING", "Track", "Tracker"]

_LOOKS = 3  # before which only a very sure face counts
_FRESH = 0.15  # the least weight of a new look
_COMES, _STAYS = 1.2, 1.0  # times the likely score: the mean from which a face counts, and still counts
_FAR = 0.9  # of a face's size; what is farther away is another face
_GROWN = math.log(2.5)  # what is so much larger or smaller is another face
_DEAREST = 1 + _FAR + _GROWN
_TWICE = 0.5  # a new box of which this much lies in a known face is no new face
BEGINNING = 0.6  # of the likely score: what may become a face
_HIDDEN = 2  # misses in a row; one may be a blink of the detector
_WAIT = 10.0  # seconds a hidden face is waited for
_DOUBT = 1.0  # seconds a weak beginning is waited for
_COAST = 0.5  # seconds for which a speed is believed
_HURRY = 1.0  # times sooner, for each face's size a second that it moves
_FOLLOW = 0.6  # how far a box moves towards what was seen; the rest is noise


@dataclass(slots=True)
class Track:
    number: int
    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float
    """How likely it is a face: the mean of its looks of late."""
    seen: float
    """When its face was last found."""
    looked: float
    """When it was last looked for."""
    velocity: NDArray[np.float32]
    """Pixels a second, of the middle."""
    looks: int = 1
    misses: int = 0
    """Looks in a row that should have found it and did not."""
    confirmed: bool = False

    def moved(self, now: float) -> NDArray[np.float32]:
        """How far it has probably gone since it was seen."""
        return self.velocity * min(now - self.seen, _COAST)

    def expected(self, now: float) -> NDArray[np.float32]:
        return np.concatenate([self.box[:2] + self.moved(now), self.box[2:]])

    def waiting(self, now: float) -> float:
        """Seconds since it was looked for, made longer by its speed, and very long after a first miss."""
        if self.misses == 1:
            return math.inf
        speed = float(np.hypot(*self.velocity)) / max(float(self.box[3]), 1.0)
        return (now - self.looked) * (1 + _HURRY * speed)

    def see(self, box: NDArray[np.float32], keypoints: NDArray[np.float32], now: float) -> None:
        expected = self.expected(now)
        blended = expected + _FOLLOW * (box - expected)
        elapsed = now - self.seen
        if elapsed > 0:
            travelled = blended[:2] + blended[2:] / 2 - self.box[:2] - self.box[2:] / 2
            self.velocity = (0.5 * self.velocity + 0.5 * travelled / max(elapsed, 0.05)).astype(np.float32)
        self.box, self.keypoints = blended.astype(np.float32), keypoints
        self.seen = now

    def weigh(self, score: float, likely: float) -> None:
        """Add a look. One very good look or the mean of several good ones makes a face; one that fades is none."""
        self.looks += 1
        self.score += (score - self.score) * max(1 / self.looks, _FRESH)
        enough = (1 + likely) / 2 if self.looks < _LOOKS else likely * (_STAYS if self.confirmed else _COMES)
        self.confirmed = self.score >= enough


class Tracker:
    def __init__(self, likely: float) -> None:
        """`likely` is the score from which a single picture is enough to speak of a face."""
        self.tracks: list[Track] = []
        self._likely = likely
        self._next = 0

    def forget(self) -> None:
        """End all tracks. Numbers are never used again."""
        self.tracks.clear()

    def longest_waiting(self, now: float, count: int) -> tuple[list[Track], float]:
        """So many faces that should be looked for again, and for how long the first of them has waited."""
        tracks = sorted(self.tracks, key=lambda track: -track.waiting(now))[:count]
        return tracks, tracks[0].waiting(now) if tracks else 0.0

    def update(self, found: Faces, now: float, sought: Collection[Track] = ()) -> None:
        """Pair what was found with what is known. The faces of `sought` should have been among it."""
        matched = self._pairs(found, now)
        looked_for = {track.number for track in sought}
        for index, row in matched:
            track, score = self.tracks[index], float(found.scores[row])
            if track.misses >= _HIDDEN and score < self._likely:
                continue
            track.see(found.boxes[row], found.keypoints[row], now)
            if track.number in looked_for:
                if track.misses == 1:
                    track.weigh(0, self._likely)
                track.weigh(score, self._likely)
            track.misses = 0
        for track in sought:
            track.looked = now
            if track.seen < now:
                track.misses += 1
                # Whatever hides it, it is likelier to stay than to go on.
                track.velocity = track.velocity * np.float32(0.5)
        self.tracks = [t for t in self.tracks if now - t.seen <= (_WAIT if t.confirmed else _DOUBT)]
        self._begin(found, now, {row for _, row in matched})

    def present(self, now: float, still: Collection[int] = ()) -> Faces:
        """The faces that are to be seen now: sure ones, not hidden, and none of those that are `still`."""
        there = [t for t in self.tracks if t.confirmed and t.misses < _HIDDEN and t.number not in still]
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

    def _pairs(self, found: Faces, now: float) -> list[tuple[int, int]]:
        if not self.tracks or not len(found):
            return []
        expected = np.stack([t.expected(now) for t in self.tracks])
        sizes = np.maximum(np.sqrt(expected[:, 2:].prod(axis=1))[:, None], 1)
        middles, found_middles = expected[:, :2] + expected[:, 2:] / 2, found.boxes[:, :2] + found.boxes[:, 2:] / 2
        away = np.linalg.norm(middles[:, None] - found_middles[None], axis=2) / sizes
        growth = np.abs(np.log(np.sqrt(found.boxes[:, 2:].prod(axis=1))[None] / sizes))
        cost = (1 - overlaps(expected, found.boxes) + away + growth).astype(np.float64)
        cost[(away > _FAR) | (growth > _GROWN)] = np.inf
        return pairs(cost, _DEAREST)

    def _begin(self, found: Faces, now: float, taken: set[int]) -> None:
        fresh = np.setdiff1d(np.flatnonzero(found.scores >= BEGINNING * self._likely), list(taken))
        if len(fresh) and self.tracks:
            known = np.stack([t.expected(now) for t in self.tracks])
            fresh = fresh[inner(found.boxes[fresh], known).max(axis=1) < _TWICE]
        for row in fresh:
            track = Track(
                number=self._next,
                box=found.boxes[row],
                keypoints=found.keypoints[row],
                score=float(found.scores[row]),
                seen=now,
                looked=-math.inf,
                velocity=np.zeros(2, np.float32),
            )
            track.confirmed = track.score >= (1 + self._likely) / 2
            self.tracks.append(track)
            self._next += 1
        if len(fresh):
            self._drop_parts(now)

    def _drop_parts(self, now: float) -> None:
        """A large face may have been seen in pieces on small tiles before it was seen whole."""
        boxes = np.stack([t.expected(now) for t in self.tracks])
        scores = np.array([t.score for t in self.tracks], np.float32)
        self.tracks = [t for t, part in zip(self.tracks, parts(boxes, scores), strict=True) if not part]
