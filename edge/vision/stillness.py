"""Faces that never stir are pictures: portraits on a wall, a poster, a paused screen.

Nobody alive keeps the pixels of a face unchanged for minutes. What is compared is a place in the
frame with itself, a few small squares of it; it is forgotten as soon as it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.vision.crop import crop_faces
from edge.vision.tracking import Track

__all__ = ["PATIENCE", "Stillness"]

PATIENCE = 90.0
"""Seconds without a stir after which a face is taken for a picture."""
_EVERY = 1.0  # seconds between comparisons
_SIZE = 12  # pixels of the square a place is reduced to
_AWAY = 0.2  # of the height; a detector's own unsteadiness is less
_FLATTEST = 4.0  # grey levels; a flatter place is not stretched further, or noise would fill it
_STIR = 0.15  # mean difference, in standard deviations of the place; noise and light stay below


@dataclass(slots=True)
class _Place:
    box: NDArray[np.float32]
    pattern: NDArray[np.float32]
    since: float
    compared: float


class Stillness:
    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}

    def watch(self, image: NDArray[np.uint8], tracks: Sequence[Track], now: float) -> None:
        """Compare the places of the tracks that were found in this frame with what they were."""
        numbers = {track.number for track in tracks}
        self._places = {number: place for number, place in self._places.items() if number in numbers}
        due = [t for t in tracks if t.seen == now and self._is_due(t.number, now)]
        if not due:
            return
        boxes = [self._places[t.number].box if t.number in self._places else t.box for t in due]
        for track, box, pattern in zip(due, boxes, _patterns(image, np.stack(boxes)), strict=True):
            place = self._places.get(track.number)
            if place is None:
                self._places[track.number] = _Place(box.copy(), pattern, now, now)
            elif _stirred(place, track, pattern):
                del self._places[track.number]
            else:
                place.compared = now

    def pictures(self, now: float) -> set[int]:
        """Numbers of the tracks that have not stirred for long."""
        return {number for number, place in self._places.items() if now - place.since >= PATIENCE}

    def forget(self) -> None:
        self._places.clear()

    def _is_due(self, number: int, now: float) -> bool:
        place = self._places.get(number)
        return place is None or now - place.compared >= _EVERY


def _stirred(place: _Place, track: Track, pattern: NDArray[np.float32]) -> bool:
    away = float(np.abs(track.box - place.box).max()) / max(float(place.box[3]), 1.0)
    return away > _AWAY or float(np.abs(pattern - place.pattern).mean()) > _STIR


def _patterns(image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The places without their brightness and contrast, which change with the light."""
    crops = crop_faces(image, boxes, size=_SIZE).astype(np.float32)
    crops -= crops.mean(axis=(1, 2), keepdims=True)
    return crops / np.maximum(crops.std(axis=(1, 2), keepdims=True), np.float32(_FLATTEST))
