"""A camera gives frames, vision finds faces, a model scores them, a window forgets them,
and only an aggregate leaves the room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from edge.aggregate.privacy import Gate, withhold
from edge.aggregate.record import Aggregate
from edge.aggregate.series import Series, following
from edge.aggregate.window import Sums, Window
from edge.camera.capture import Capture
from edge.errors import Problem
from edge.flow import Frame
from edge.model.scores import Classifier
from edge.stages import Stages
from edge.timeline import Clock, Timeline
from edge.verdicts import Verdicts
from edge.vision import Vision
from edge.vision.pose import orientation_counts
from edge.vision.visibility import visible
from edge.vitals import Vitals

__all__ = ["Sensor", "Settings"]

_PATIENCE = 0.5  # seconds to wait for a frame before looking at the clock and the commands again


@dataclass(frozen=True, slots=True)
class Settings:
    seconds: float
    k: int
    smallest_judged: int
    """Height in pixels; smaller faces are counted and not judged."""
    orientation: bool
    media_time: bool
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
        gate: Gate,
        next_seq: Callable[[], int],
        publish: Callable[[Aggregate], None],
        stages: Stages,
        clock: Clock,
        lesson: Callable[[], bool] = lambda: True,
        mend: Callable[[float], None] = lambda _by: None,
    ) -> None:
        """`open_camera` is told whether this is the first time; `lesson` says whether it may be opened now. `mend` is
        told by how many seconds the records were wrong that were made before the clock was known to be right.
        """
        self._lesson = lesson
        self._mend = mend
        self._open_camera = open_camera
        self._vision = vision
        self._classifier = classifier
        self._verdicts = Verdicts(classifier, stages)
        self._settings = settings
        self._gate = gate
        self._next_seq = next_seq
        self._publish = publish
        self._stages = stages
        self._time = Timeline(clock, media=settings.media_time)
        self._series = Series(settings.seconds, self._tell)
        # Plain flags: a signal's handler interrupts this very thread, and could wait for ever for a lock it holds.
        self._stopping = self._paused = False
        self._capture: Capture | None = None
        self._opened = False
        self._visible = self._saw = False
        self._problem: Problem | None = None
        self._progress = self._frames = self._dropped = self._faces = self._told = 0

    def run(self, *, windows: int | None = None, tick: Callable[[], None] = lambda: None) -> None:
        """`tick` is called at every turn of the loop, with a frame or without."""
        while not self._over(windows):
            if self._paused_by():
                self._rest(windows, tick)
            elif self._watch(windows, tick):
                return

    def stop(self) -> None:
        """From a signal's handler, too."""
        self._stopping = True

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def vitals(self) -> Vitals:
        """How it is now."""
        camera = self._capture.state if self._capture else "off"
        return Vitals(
            progress=self._progress,
            frames=self._frames,
            dropped=self._dropped + (self._capture.dropped if self._capture else 0),
            paused_by=self._paused_by(),
            clock_good=self._time.good,
            saw=self._saw,
            camera=camera,
            sees=self._visible and camera == "ok",
            budget_ms=self._vision.budget_ms,
            model=self._classifier.id,
            runtime=self._classifier.runtime,
            note=self._classifier.note,
            problem=self._problem,
        )

    @property
    def faces(self) -> int:
        """Those found in all frames together. For measurements of speed; nothing that is told may depend on it."""
        return self._faces

    def _paused_by(self) -> Literal["command", "schedule"] | None:
        """A pause on command lasts until it is resumed, lesson or not; outside lessons no command opens the camera."""
        if self._paused:
            return "command"
        return None if self._lesson() else "schedule"

    def _over(self, windows: int | None) -> bool:
        return self._stopping or (windows is not None and self._told >= windows)

    def _watch(self, windows: int | None, tick: Callable[[], None]) -> bool:
        """Look at the room until paused, stopped or at the source's end. True at the end."""
        with self._open_camera(not self._opened) as capture:
            self._opened = True
            self._capture = capture
            self._time.begin()
            while not (self._over(windows) or self._paused_by() or capture.ended):
                tick()
                if frame := capture.latest(_PATIENCE):
                    at = self._time.at(frame)
                    self._look(frame, at, self._series.at(at))
                else:
                    self._series.at(self._time.now())
            ended = capture.ended
            self._problem = capture.problem
        if ended:
            self._series.end(self._time.now())
        self._dropped += capture.dropped
        self._capture, self._saw = None, False
        self._series.drop()
        self._vision.forget()
        self._verdicts.forget()
        return ended

    def _rest(self, windows: int | None, tick: Callable[[], None]) -> None:
        """Paused: the camera is closed and nothing is seen. Says so once a window."""
        start, seconds = self._time.now(), self._settings.seconds
        self._opened = True  # a camera that is absent after a pause is waited for
        while self._paused_by() and not self._over(windows):
            tick()
            now = self._time.pause(_PATIENCE)
            self._progress += 1
            if now >= start + seconds:
                self._tell_paused(start)
                start = following(start + seconds, now, seconds)

    def _look(self, frame: Frame, at: float, window: Window) -> None:
        self._visible = visible(frame.image)
        if self._visible:
            self._see(frame, at, window)
        else:
            window.skip(at)
            self._vision.forget()
        self._saw = True
        self._frames += 1
        self._progress += 1

    def _see(self, frame: Frame, at: float, window: Window) -> None:
        sight = self._vision.see(frame)
        self._stages.add("detect", sight.detect_seconds)
        if sight.looks:
            self._stages.add("look", sight.detect_seconds / sight.looks)
        self._stages.add("track", sight.track_seconds)
        large = sight.faces.boxes[:, 3] >= self._settings.smallest_judged
        scores = self._verdicts.on(frame, sight.faces.take(large))
        with self._stages.timed("aggregate"):
            turned = orientation_counts(sight.faces.keypoints) if self._settings.orientation else None
            window.add(
                at,
                scores.tracks,
                scores.probabilities,
                sight.coverage,
                turned,
                unjudged=len(sight.faces) - len(scores.tracks),
                errors=scores.errors,
            )
        self._faces += len(sight.faces)

    def _tell(self, start: float, sums: Sums) -> None:
        with self._stages.timed("aggregate"):
            record = self._gate.release(
                sums, at=start, seq=self._next_seq(), start=self._start(start), model=self._classifier.id
            )
        self._verdicts.forget()
        self._hand_over(record)

    def _tell_paused(self, start: float) -> None:
        self._hand_over(
            withhold(
                "paused",
                k=self._settings.k,
                seq=self._next_seq(),
                start=self._start(start),
                seconds=self._settings.seconds,
                model=self._classifier.id,
            )
        )

    def _start(self, at: float) -> str:
        by = self._time.check()
        if by is not None:
            self._mend(by)
        return self._time.utc(at)

    def _hand_over(self, record: Aggregate) -> None:
        self._publish(record if self._time.good else replace(record, clock="unsynced"))
        self._told += 1
