"""Faces that never stir are pictures: portraits on a wall, a poster, a paused screen. They count for nobody.

A face is taken for a picture until it has stirred: until three looks at its place, about a second apart, all differ.
One change is not enough, for a lamp or a knock against the camera changes a picture too. What is compared is a place
in the frame with itself, a few small squares of it; it is forgotten with the track.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.vision.crop import crop_faces
from edge.vision.tracking import Track

__all__ = ["PATIENCE", "Stillness"]

PATIENCE = 90.0
"""Seconds without a stir after which a face that did stir is taken for a picture all the same."""
_EVERY = 0.19  # seconds between looks
_APART = 0.79  # seconds between looks that are compared; who passes by hides a face for less
_KEPT = 11  # looks, which is as many as three need that are so far apart
_SIZE = 12  # pixels of the square a place is reduced to
_FLATTEST = 4.0  # grey levels; a flatter place is not stretched further, or noise would fill it
_AWAY = 0.5  # of the height; no picture walks, and a detector's own unsteadiness is less

# Of the difference of two looks, in standard deviations of the place. See docs/vision.md for what was measured.
_LEAST = 0.1  # less is nothing
_OTHER = 1.0  # more is another thing altogether; noise stays below
_MOVED = 0.3  # the share of it that a movement explains: of a head's about 0.4 to 0.7, of noise less than 0.25


@dataclass(frozen=True, slots=True)
class _Look:
    at: float
    spot: int
    """Where: no picture goes from one place to another."""
    pattern: NDArray[np.float32]

    def differs(self, other: _Look) -> bool:
        return self.spot != other.spot or _differ(self.pattern, other.pattern)


@dataclass(slots=True)
class _Place:
    """Where a face is, and how it looked there of late."""

    box: NDArray[np.float32]
    spot: int = 0
    looks: deque[_Look] = field(default_factory=lambda: deque(maxlen=_KEPT))
    stirred: float = -np.inf
    """When it stirred the last time."""

    def move(self, box: NDArray[np.float32]) -> None:
        self.box = box.copy()
        self.spot += 1

    def add(self, pattern: NDArray[np.float32], now: float) -> None:
        self.looks.append(_Look(now, self.spot, pattern))
        latest, before, first = self._three()
        if first and before and latest.differs(before) and before.differs(first) and latest.differs(first):
            self.stirred = now

    def _three(self) -> tuple[_Look, _Look | None, _Look | None]:
        """The latest look, the one before it and the one before that, as far apart as looks that are compared."""
        latest = self.looks[-1]
        before = self._older_than(latest)
        return latest, before, before and self._older_than(before)

    def _older_than(self, look: _Look) -> _Look | None:
        return next((old for old in reversed(self.looks) if look.at - old.at >= _APART), None)


class Stillness:
    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}

    def watch(self, image: NDArray[np.uint8], tracks: Sequence[Track], now: float) -> None:
        """Look at the places of the tracks that were found in this frame."""
        numbers = {track.number for track in tracks}
        self._places = {number: place for number, place in self._places.items() if number in numbers}
        due = [track for track in tracks if track.seen == now and self._is_due(track.number, now)]
        if not due:
            return
        for track in due:
            place = self._places.setdefault(track.number, _Place(track.box.copy()))
            if _away(track, place):
                place.move(track.box)
        places = [self._places[track.number] for track in due]
        for place, pattern in zip(places, _patterns(image, np.stack([p.box for p in places])), strict=True):
            place.add(pattern, now)

    def still(self, tracks: Sequence[Track], now: float) -> set[int]:
        """Numbers of those tracks that never stirred, or not for long."""
        stirring = {number for number, place in self._places.items() if now - place.stirred < PATIENCE}
        return {track.number for track in tracks} - stirring

    def forget(self) -> None:
        self._places.clear()

    def _is_due(self, number: int, now: float) -> bool:
        place = self._places.get(number)
        return place is None or now - place.looks[-1].at >= _EVERY


def _away(track: Track, place: _Place) -> bool:
    return float(np.abs(track.box - place.box).max()) > _AWAY * max(float(place.box[3]), 1.0)


def _differ(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether two looks show different things, or one that has moved: more than noise and light can do."""
    change = (a - b).ravel()
    size = float(np.sqrt(np.square(change).mean()))
    if size < _LEAST or size > _OTHER:
        return size > _OTHER
    # What small movements, across, down and to or fro, would change: of noise they explain next to nothing.
    down, across = np.gradient((a + b) / 2)
    steps = np.linspace(-1, 1, _SIZE, dtype=np.float32)
    movements = np.stack([across.ravel(), down.ravel(), (across * steps + down * steps[:, None]).ravel()], axis=1)
    explained = np.linalg.qr(movements)[0].T @ change
    return float(np.square(explained).sum()) > _MOVED * float(np.square(change).sum())


def _patterns(image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The places without their brightness and contrast, which change with the light."""
    crops = crop_faces(image, boxes, size=_SIZE).astype(np.float32)
    crops -= crops.mean(axis=(1, 2), keepdims=True)
    return crops / np.maximum(crops.std(axis=(1, 2), keepdims=True), np.float32(_FLATTEST))
