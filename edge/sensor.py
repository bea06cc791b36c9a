"""A camera gives frames, vision finds faces, a model scores them, a window forgets them,
and only an aggregate leaves the room.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal

from edge.aggregate.privacy import release, withhold
from edge.aggregate.record import Aggregate
from edge.aggregate.window import Window
from edge.camera.capture import Capture
from edge.errors import Problem
from edge.flow import Frame
from edge.model.scores import Classifier
from edge.stages import Stages
from edge.verdicts import Verdicts
from edge.vision import Vision
from edge.vision.pose import orientation_counts
from edge.vision.visibility import visible

__all__ = ["Sensor", "Settings"]

_PATIENCE = 0.5  # seconds to wait for a frame before looking at the clock and the commands again
_SHORTEST = 1.0  # seconds; a shorter rest of a file says nothing


@dataclass(frozen=True, slots=True)
class Settings:
    seconds: float = 10.0
    k: int = 5
    orientation: bool = False
    media_time: bool = False
    """A file read as fast as possible: windows follow its own clock."""


class Sensor:
    """One room. `run` works until the source ends, enough windows were told, or `stop` is called."""

    def __init__(
        self,
        *,
        open_camera: Callable[[bool], Capture],
        vision: Vision,
        classifier: Classifier,
        settings: Settings,
        next_seq: Callable[[], int],
        publish: Callable[[Aggregate], None],
        stages: Stages,
    ) -> None:
        self._open_camera = open_camera
        self.vision = vision
        self._classifier = classifier
        self._verdicts = Verdicts(classifier, stages)
        self._settings = settings
        self._next_seq = next_seq
        self._publish = publish
        self._stopping = threading.Event()
        self._paused = threading.Event()
        self._window: Window | None = None
        self._began = time.time()
        self._media_now = 0.0
        self.tick: Callable[[], None] = lambda: None
        """Called at every turn of the loop, with a frame or without."""
        self.stages = stages
        self.camera: Capture | None = None
        """The capture in use; None while paused and before the start."""
        self.progress = 0
        """Grows with every frame, and while paused with every glance at the clock. What a watchdog watches."""
        self.sees = True
        """Whether the last frame showed anything."""
        self.source_problem: Problem | None = None
        """What a file held back at its end."""
        self.frames = 0
        self.faces = 0
        self.told = 0

    def run(self, windows: int | None = None) -> None:
        while not self._over(windows):
            if self._paused.is_set():
                self._rest(windows)
            elif self._watch(windows):
                return

    def stop(self) -> None:
        self._stopping.set()

    def pause(self) -> None:
        self._paused.set()

    def resume(self) -> None:
        self._paused.clear()

    @property
    def paused(self) -> bool:
        return self._paused.is_set()

    @property
    def model(self) -> str:
        return self._classifier.id

    @property
    def runtime(self) -> str:
        return self._classifier.runtime

    @property
    def note(self) -> str:
        """What is not as good as it could be, in words."""
        return self._classifier.note

    def _over(self, windows: int | None) -> bool:
        return self._stopping.is_set() or (windows is not None and self.told >= windows)

    def _watch(self, windows: int | None) -> bool:
        """Look at the room until paused, stopped or at the source's end. True at the end."""
        # Absent at the start, a camera is somebody's mistake; absent after a pause, it is waited for.
        with self._open_camera(self.frames == 0) as capture:
            self.camera = capture
            while not (self._over(windows) or self._paused.is_set() or capture.ended):
                self.tick()
                frame = capture.latest(_PATIENCE)
                window = self._window_at(self._now(frame))
                if frame is None:
                    continue
                self.sees = visible(frame.image)
                if self.sees:
                    self._look(frame, window)
                else:
                    window.skip(frame.at)
                    self.vision.forget()
                self.frames += 1
                self.progress += 1
            ended = capture.ended
            self.source_problem = capture.problem
        if ended and self._window is not None:
            self._tell_remainder(self._window)
        self.camera = None
        self._window = None
        self.vision.forget()
        self._verdicts.forget()
        return ended

    def _rest(self, windows: int | None) -> None:
        """Paused: the camera is closed and nothing is seen. Says so once a window."""
        start = self._now(None)
        while self._paused.is_set() and not self._over(windows):
            self.tick()
            self._stopping.wait(_PATIENCE)
            self.progress += 1
            if self._now(None) >= start + self._settings.seconds:
                self._tell_withheld("paused", start)
                start += self._settings.seconds

    def _look(self, frame: Frame, window: Window) -> None:
        sight = self.vision.see(frame)
        self.stages.add("detect", sight.detect_seconds)
        self.stages.add("track", sight.track_seconds)
        scores = self._verdicts.on(frame, sight.faces)
        with self.stages.timed("aggregate"):
            turned = orientation_counts(sight.faces.keypoints) if self._settings.orientation else None
            window.add(frame.at, scores.tracks, scores.probabilities, sight.coverage, turned)
        self.faces += len(sight.faces)

    def _window_at(self, now: float) -> Window:
        """The window `now` falls into; the one before it is told and forgotten."""
        if self._window is None:
            self._window = Window(now, self._settings.seconds)
        while now >= self._window.end:
            self._tell(self._window)
            self._verdicts.forget()
            # After a long standstill, one blind record is enough.
            start = self._window.end if now < self._window.end + 2 * self._settings.seconds else now
            self._window = Window(start, self._settings.seconds)
        return self._window

    def _tell(self, window: Window) -> None:
        with self.stages.timed("aggregate"):
            record = release(
                window.close(),
                k=self._settings.k,
                seq=self._next_seq(),
                start=self._utc(window.start),
                model=self._classifier.id,
                orientation=self._settings.orientation,
            )
        self._publish(record)
        self.told += 1

    def _tell_remainder(self, window: Window) -> None:
        """A file ended within a window: tell the part there is, if it is long enough to mean something."""
        window.end = self._now(None) if self._settings.media_time else time.monotonic()
        if window.end - window.start >= _SHORTEST:
            self._tell(window)

    def _tell_withheld(self, status: Literal["paused"], start: float) -> None:
        self._publish(
            withhold(
                status,
                k=self._settings.k,
                seq=self._next_seq(),
                start=self._utc(start),
                seconds=self._settings.seconds,
                model=self._classifier.id,
            )
        )
        self.told += 1

    def _now(self, frame: Frame | None) -> float:
        if not self._settings.media_time:
            return time.monotonic()
        if frame is not None:
            self._media_now = frame.at
        return self._media_now

    def _utc(self, at: float) -> str:
        """Wall-clock time of a moment. Asked late, so that a clock set after boot counts."""
        began = self._began if self._settings.media_time else time.time() - time.monotonic()
        return datetime.fromtimestamp(began + at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
