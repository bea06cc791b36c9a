"""Faces that never stir are pictures: portraits on a wall, a poster, a paused screen. They count for nobody.

A face is taken for a picture until it has stirred: until four views of its place, one after the other, all differ.
One change is not enough, for a lamp, a passer-by or a knock against the camera changes a picture too. What is compared
is a place in the frame with itself, a few small squares of it; it is forgotten with the track.
"""

from __future__ import annotations

import itertools
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
_VIEW = 0.39  # seconds of a view: two looks of five a second, whose mean has less noise; one look of a slow camera
_VIEWS = 4  # one change alone leaves two of them alike, also when it falls into the midst of one
_SIZE = 12  # pixels of the square a place is reduced to
_FLATTEST = 4.0  # grey levels; a flatter place is not stretched further, or noise would fill it
_AWAY = 0.5  # of the height; no picture walks, and a detector's own unsteadiness is less

# Of the difference of two views, in standard deviations of the place. See docs/vision.md for what was measured.
_LEAST = 0.1  # less is nothing
_OTHER = 1.0  # more is another thing altogether; noise stays below
_MOVED = 0.3  # the share of it that a movement explains: of a head's about 0.4 to 0.7, of noise less than 0.25


@dataclass(slots=True)
class _Place:
    """Where a face is, and how it looked there of late."""

    box: NDArray[np.float32]
    began: float
    looks: list[NDArray[np.float32]]
    """Of the view that is being taken."""
    spot: int = 0
    """Counts the places it has been at. No picture goes from one to another."""
    views: deque[tuple[int, NDArray[np.float32]]] = field(default_factory=lambda: deque(maxlen=_VIEWS))
    """The last ones, each with its spot."""
    stirred: float = -np.inf
    """When it stirred the last time."""

    def add(self, look: NDArray[np.float32], now: float) -> None:
        if now - self.began >= _VIEW:
            self._finish_view(now)
        self.looks.append(look)

    def move(self, box: NDArray[np.float32], look: NDArray[np.float32], now: float) -> None:
        self._finish_view(now)
        self.box, self.looks = box.copy(), [look]
        self.spot += 1

    def _finish_view(self, now: float) -> None:
        self.views.append((self.spot, np.mean(self.looks, axis=0)))
        self.looks, self.began = [], now
        pairs = itertools.combinations(self.views, 2)
        if len(self.views) == _VIEWS and all(a != b or _differ(one, two) for (a, one), (b, two) in pairs):
            self.stirred = now


class Stillness:
    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}

    def watch(self, image: NDArray[np.uint8], tracks: Sequence[Track], now: float) -> None:
        """Look at the places of the tracks that were found in this frame."""
        numbers = {track.number for track in tracks}
        self._places = {number: place for number, place in self._places.items() if number in numbers}
        seen = [track for track in tracks if track.seen == now]
        if not seen:
            return
        gone = [track.number not in self._places or _away(track, self._places[track.number]) for track in seen]
        boxes = [t.box if new else self._places[t.number].box for t, new in zip(seen, gone, strict=True)]
        for track, new, look in zip(seen, gone, _patterns(image, np.stack(boxes)), strict=True):
            place = self._places.get(track.number)
            if place is None:
                self._places[track.number] = _Place(track.box.copy(), now, [look])
            elif new:
                place.move(track.box, look, now)
            else:
                place.add(look, now)

    def still(self, tracks: Sequence[Track], now: float) -> set[int]:
        """Numbers of those tracks that never stirred, or not for long."""
        stirring = {number for number, place in self._places.items() if now - place.stirred < PATIENCE}
        return {track.number for track in tracks} - stirring

    def forget(self) -> None:
        self._places.clear()


def _away(track: Track, place: _Place) -> bool:
    return float(np.abs(track.box - place.box).max()) > _AWAY * max(float(place.box[3]), 1.0)


def _differ(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    """Whether two views show different things, or one that has moved: more than noise and light can do."""
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
