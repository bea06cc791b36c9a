"""Vision: from a frame to the faces in it, within a budget of time, remembering seats from frame to frame."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces, Frame
from edge.vision.detector import Detector
from edge.vision.mosaic import find_again, room_for
from edge.vision.schedule import SWEEP, Schedule
from edge.vision.search import find_everywhere, finest_step, joined, look, tiles_for
from edge.vision.stillness import Stillness
from edge.vision.tile import Tile
from edge.vision.tracking import BEGINNING, Track, Tracker

__all__ = ["Sight", "Vision"]

_WEAKEST = 0.25  # of the detector's own least score: what still keeps a known face
_WARM_UP = 4  # looks by which the cost of one is measured
_CHEAPEST = 1e-4  # seconds; less is not measured well
_SPARE = 1.35  # times the looks of a sweep in time
_MOST = 1 / 3  # of the time, that may go into the sweep on a slow machine
_FIRST = 0.25  # seconds that may be spent on the first frame of a room, of which nothing is known yet


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen in one frame."""

    faces: Faces
    """The faces now in the room that have stirred, each with its track's number."""
    coverage: float
    """The share of the room looked at within the last two seconds."""
    detect_seconds: float
    track_seconds: float
    looks: int
    """How many tiles the detector was given for this frame."""


class Vision:
    def __init__(self, detector: Detector, *, smallest_face: float = 16, budget_ms: float | None = None) -> None:
        self._detector = detector
        self._smallest_face = smallest_face
        self._least = _WEAKEST * detector.min_score
        self._given = None if budget_ms is None else budget_ms / 1000
        self._cost = _cost(detector)
        self._frame: tuple[int, int] | None = None
        self._schedule: Schedule | None = None
        self._last = self._entered = -math.inf
        self._elapsed = 0.0
        self._tracker = Tracker(detector.min_score)
        self._stillness = Stillness()

    @property
    def budget_ms(self) -> float | None:
        """Milliseconds a frame at most, but for a room's first; None while it was not given and nothing was seen."""
        if self._given is not None:
            return self._given * 1000
        return (self._sweep() + self._cost) * 1000 if self._schedule else None

    @property
    def remembered(self) -> int:
        """Faces known now, hidden and doubtful ones among them. Must not grow with time."""
        return len(self._tracker.tracks)

    @property
    def tiles(self) -> int:
        """How many looks a full sweep of the room takes; 0 while no frame has been seen."""
        return len(self._schedule.tiles) if self._schedule else 0

    def see(self, frame: Frame) -> Sight:
        began = time.perf_counter()
        frame = replace(frame, image=_in_colour(frame.image))
        if frame.at < self._last:
            self._last = self._entered = -math.inf
            self.forget()  # another clip, or a clock that was set back: no time since then can be told
        self._elapsed, self._last = min(frame.at - self._last, SWEEP), frame.at
        schedule = self._scheduled(frame.image)
        sought, waiting = self._tracker.longest_waiting(frame.at, room_for(self._detector))
        budget = self._needed(schedule, frame.at, waiting) if self._given is None else self._given
        again, chosen = schedule.choose(frame.image, frame.at, waiting, budget, self._cost)
        if not again:
            sought = []
        found = self._look(frame, sought, [schedule.tiles[i] for i in chosen])
        detected = time.perf_counter()
        self._tracker.update(found, frame.at, sought)
        self._stillness.watch(frame.image, self._tracker.tracks, frame.at)
        faces = self._tracker.present(frame.at, self._stillness.still(self._tracker.tracks, frame.at))
        tracked = time.perf_counter()
        return Sight(
            faces=faces,
            coverage=schedule.coverage(frame.at),
            detect_seconds=detected - began,
            track_seconds=tracked - detected,
            looks=len(chosen) + again,
        )

    def _look(self, frame: Frame, sought: Sequence[Track], tiles: Sequence[Tile]) -> Faces:
        began = time.thread_time()
        seen = [look(self._detector, frame.image, tile, BEGINNING * self._detector.min_score) for tile in tiles]
        if sought:
            expected = np.stack([track.expected(frame.at) for track in sought])
            finest = finest_step(self._smallest_face)
            seen.append(find_again(self._detector, frame.image, expected, finest, self._least))
        if looks := len(tiles) + bool(sought):
            self._cost += 0.05 * ((time.thread_time() - began) / looks - self._cost)
        return joined(seen)

    def everywhere(self, image: NDArray[np.uint8]) -> Faces:
        """All faces of a single picture, whatever it costs; tracks are neither used nor changed."""
        return find_everywhere(self._detector, _in_colour(image), self._smallest_face)

    def forget(self) -> None:
        """Drop all tracks and everything remembered of the room: at a pause, and when a lesson ends."""
        self._tracker.forget()
        self._stillness.forget()
        self._schedule = None

    def _scheduled(self, image: NDArray[np.uint8]) -> Schedule:
        size = (image.shape[0], image.shape[1])
        if self._schedule is None or size != self._frame:
            if size != self._frame:
                self.forget()
            tiles = tiles_for(size, self._detector, self._smallest_face)
            self._schedule = Schedule(tiles, self._detector.picture, size)
            self._frame = size
        return self._schedule

    def _needed(self, schedule: Schedule, now: float, waiting: float) -> float:
        """Seconds to spend on this frame when no budget was given: the sweep's share, and a look for known faces."""
        if schedule.coverage(now) == 0 and now - self._entered >= SWEEP:
            self._entered = now
            return min(_FIRST, self.tiles * self._cost)
        return self._sweep() + schedule.wants_known(waiting) * self._cost

    def _sweep(self) -> float:
        """The sweep's share of the time since the last frame, in seconds."""
        return min(_SPARE * self.tiles / SWEEP * self._cost, _MOST) * self._elapsed


def _in_colour(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the detectors take: also of a camera that gives only grey."""
    if image.ndim == 3 and image.shape[2] == 3:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)


def _cost(detector: Detector) -> float:
    """Seconds of processor time one look takes on this machine.

    Not by the clock: others who crowd the machine must not make us think we may use more of it. With several
    threads it is the calling one's share, which it spends working beside the others.
    """
    picture = np.zeros((*detector.picture, 3), np.uint8)
    seconds: list[float] = []
    for _ in range(_WARM_UP):
        began = time.thread_time()
        detector.find(picture)
        seconds.append(time.thread_time() - began)
    return max(min(seconds), _CHEAPEST)
