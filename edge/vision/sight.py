"""Vision: from a frame to the faces in it, within a budget of time, remembering seats from frame to frame."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces, Frame
from edge.vision.detector import Detector
from edge.vision.schedule import SWEEP, Schedule
from edge.vision.search import find_everywhere, search, windows_for
from edge.vision.stillness import Stillness
from edge.vision.tracking import Track, Tracker

__all__ = ["Sight", "Vision"]

_WEAKEST = 0.25  # of the detector's own least score: what still keeps a known face
_WARM_UP = 4  # looks by which the cost of one is measured
_FPS = 15  # frames a second for which the default budget is meant


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen in one frame."""

    faces: Faces
    """The faces now in the room, each with its track's number."""
    pictures: int
    """Faces left out because they never stir: portraits, posters, paused screens."""
    coverage: float
    """The share of the room looked at within the last two seconds."""
    detect_seconds: float
    track_seconds: float
    looks: int
    """How many windows the detector was given for this frame."""


class Vision:
    def __init__(self, detector: Detector, *, smallest_face: float = 16, budget_ms: float | None = None) -> None:
        self._detector = detector
        self._smallest_face = smallest_face
        self._budget = None if budget_ms is None else budget_ms / 1000
        self._cost = _cost(detector)
        self._frame: tuple[int, int] | None = None
        self._schedule: Schedule | None = None
        self._last = -math.inf
        self._tracker = Tracker(detector.min_score)
        self._stillness = Stillness()

    @property
    def budget_ms(self) -> float | None:
        """Milliseconds a frame; None while it was not given and no frame has been seen to set it by."""
        return None if self._budget is None else self._budget * 1000

    @property
    def windows(self) -> int:
        """How many looks a full sweep of the room takes; 0 while no frame has been seen."""
        return len(self._schedule.windows) if self._schedule else 0

    def see(self, frame: Frame) -> Sight:
        began = time.perf_counter()
        if frame.at < self._last:
            self.forget()  # another clip, or a clock that was set back: no time since then can be told
        self._last = frame.at
        schedule = self._scheduled(frame.image)
        assert self._budget is not None
        chosen = schedule.choose(frame.image, frame.at, self._held(schedule, frame.at), self._budget, self._cost)
        windows = [schedule.windows[i] for i in chosen]
        found, steps = search(self._detector, frame.image, windows, _WEAKEST * self._detector.min_score)
        detected = time.perf_counter()
        if windows:
            self._cost += 0.05 * ((detected - began) / len(windows) - self._cost)
        areas, looked = schedule.areas[chosen], schedule.steps[chosen]

        def looked_at(track: Track) -> bool:
            """Whether a window of the track's own step was just looked through that shows all of its face."""
            return bool((_depths(track.expected(frame.at), areas[looked == track.step]) > 0).any())

        self._tracker.update(found, steps, frame.at, looked_at)
        self._stillness.watch(frame.image, self._tracker.tracks, frame.at)
        pictures = self._stillness.pictures(frame.at)
        faces = self._tracker.present(frame.at, pictures)
        tracked = time.perf_counter()
        return Sight(
            faces=faces,
            pictures=len(pictures),
            coverage=schedule.coverage(frame.at),
            detect_seconds=detected - began,
            track_seconds=tracked - detected,
            looks=len(windows),
        )

    def everywhere(self, image: NDArray[np.uint8]) -> Faces:
        """All faces of a single picture, whatever it costs; tracks are neither used nor changed."""
        return find_everywhere(self._detector, image, self._smallest_face)

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
            windows = windows_for(size, self._detector, self._smallest_face)
            self._schedule = Schedule(windows, self._detector.picture, size)
            self._frame = size
            if self._budget is None:
                # A third of it sweeps the room in time, the rest stays with the faces.
                self._budget = max(self._cost, 3 * len(windows) * self._cost / (SWEEP * _FPS))
        return self._schedule

    def _held(self, schedule: Schedule, now: float) -> NDArray[np.bool_]:
        """The windows that known faces are best looked for in: of their step, where they lie deepest inside."""
        held = np.zeros(len(schedule.windows), bool)
        for track in self._tracker.tracks:
            depths = np.where(schedule.steps == track.step, _depths(track.expected(now), schedule.areas), -np.inf)
            held[int(depths.argmax())] = True
        return held


def _depths(box: NDArray[np.float32], areas: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far inside each area the box lies; negative where it does not lie wholly inside."""
    before = box[:2] - areas[:, :2]
    after = areas[:, :2] + areas[:, 2:] - box[:2] - box[2:]
    return np.minimum(before, after).min(axis=1)


def _cost(detector: Detector) -> float:
    """Seconds one look takes on this machine."""
    picture = np.zeros((*detector.picture, 3), np.uint8)
    seconds: list[float] = []
    for _ in range(_WARM_UP):
        began = time.perf_counter()
        detector.find(picture)
        seconds.append(time.perf_counter() - began)
    return min(seconds)
