"""A room without a camera: the real sensor on a clock, a camera, eyes and a model that do as they are told."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np

from edge.aggregate.company import Company
from edge.aggregate.privacy import Gate
from edge.aggregate.record import Aggregate
from edge.flow import Faces, Frame
from edge.model.card import Input, Output
from edge.sensor import Sensor, Settings
from edge.stages import Stages
from edge.timeline import Clock
from edge.vision import Sight

BOOTED, NOON = 1000.0, 1_795_608_000.0  # the monotonic clock's and the wall clock's start: 2026-11-25T12:00:00Z
LIGHT = np.random.default_rng(0).integers(60, 200, (64, 64, 3), np.uint8)
FRONT = np.array([[8, 8], [16, 8], [12, 11], [12, 15], [4, 9], [20, 9]], np.float32)  # a face seen straight
DARK = np.zeros((64, 64, 3), np.uint8)
LOW, MID, HIGH = np.eye(3, dtype=np.float32)


class Time:
    """Stands still but for those who wait."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.set_by = 0.0
        """What somebody added to the wall clock."""
        self.good = True
        """Whether the wall clock is known to be right."""
        self.clock = Clock(
            lambda: BOOTED + self.passed, lambda: NOON + self.passed + self.set_by, self.sleep, lambda: self.good
        )

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


@dataclass(frozen=True)
class Shot:
    """What the camera sees at a moment, in seconds since the start."""

    at: float
    faces: int = 6
    dark: bool = False
    level: np.ndarray = field(default_factory=lambda: HIGH)
    height: int = 20
    """Of every face, in pixels."""
    far: int = 0
    """How many faces more there are, 10 pixels high."""
    pointed: int | None = None
    """How many of the faces tell where they are turned; all by default."""
    coverage: float = 1.0


def shots(start: float, end: float, fps: float = 4, **what: object) -> list[Shot]:
    """As a camera takes them: the first at `start`, none at `end`."""
    return [Shot(start + n / fps, **what) for n in range(round((end - start) * fps))]


class Camera:
    """A live one: what was shot while it was closed is lost. A file begins anew whenever it is opened."""

    state = "ok"
    dropped = 0
    problem = None

    def __init__(self, room: Room) -> None:
        self._room = room
        self._left = [s for s in room.script if room.file or s.at >= room.time.passed]

    @property
    def ended(self) -> bool:
        return self._room.file and not self._left

    def latest(self, timeout: float) -> Frame | None:
        time, fast = self._room.time, self._room.settings.media_time
        if self._left and (fast or self._left[0].at <= time.passed + timeout):
            shot = self._left.pop(0)
            if not fast:
                time.passed = max(time.passed, shot.at)
            self._room.shot = shot
            self._room.given += 1
            return Frame(DARK if shot.dark else LIGHT, shot.at + (0 if fast else BOOTED), 1)
        time.passed += 0 if self._left and fast else timeout
        return None

    def __enter__(self) -> Camera:  # noqa: PYI034 - typing has Self from 3.11 on only
        self._room.opened += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._room.closed += 1


class Eyes:
    budget_ms = 12.3
    forgot = 0

    def __init__(self, room: Room) -> None:
        self._room = room

    def see(self, _frame: Frame) -> Sight:
        shot = self._room.shot
        heights = [shot.height] * shot.faces + [10] * shot.far
        boxes = np.array([[5 * n, 10, h, h] for n, h in enumerate(heights)], np.float32).reshape(-1, 4)
        points = np.tile(FRONT, (len(boxes), 1, 1))
        if shot.pointed is not None:
            points[shot.pointed :] = np.nan
        scores = np.ones(len(boxes), np.float32)
        return Sight(Faces(boxes, scores, points, np.arange(len(boxes))), shot.coverage, 0.03, 0.001, 3)

    def forget(self) -> None:
        self.forgot += 1


class Model:
    id, runtime, note = "m@12345678", "none", ""

    def __init__(self, room: Room) -> None:
        self._room = room
        wanted = Input(width=8, height=8, channels=1, normalization="unit")
        said = Output(labels=("low", "mid", "high"), activation="softmax")
        self.card = SimpleNamespace(input=wanted, output=said, reliability=())
        self.asked = 0

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        self.asked += len(x)
        return np.tile(self._room.shot.level, (len(x), 1)).astype(np.float32)


class Room:
    """Play a script of shots, and of pauses, and hear what is told. Ends at `until`, or with the file."""

    def __init__(self, script: list[Shot], *, file: bool = False, **settings: object) -> None:
        self.script = script
        self.file = file or bool(settings.get("media_time"))
        self.settings = replace(
            Settings(seconds=10, k=5, smallest_judged=0, orientation=False, media_time=False), **settings
        )
        self.time = Time()
        self.shot = Shot(0)
        self.opened = self.closed = self.given = 0
        self.must_open: list[bool] = []
        self.eyes, self.model, self.stages = Eyes(self), Model(self), Stages()
        self.told: list[Aggregate] = []
        self.lesson = True
        self.mended: list[float] = []
        self._acts: list[tuple[Callable[[], bool], Callable[[], None]]] = []
        self.sensor = Sensor(
            open_camera=self._open,
            vision=self.eyes,
            classifier=self.model,
            settings=self.settings,
            gate=Gate(k=self.settings.k, orientation=self.settings.orientation, company=Company(1, 1)),
            next_seq=itertools.count().__next__,
            publish=self.told.append,
            stages=self.stages,
            clock=self.time.clock,
            lesson=lambda: self.lesson,
            mend=self.mended.append,
        )

    def _open(self, must: bool) -> Camera:
        self.must_open.append(must)
        self.camera = Camera(self)
        return self.camera

    def when(self, condition: Callable[[], bool], act: Callable[[], None]) -> Room:
        """Do something once, at the loop's first turn at which the condition holds."""
        self._acts.append((condition, act))
        return self

    def at(self, moment: float, act: Callable[[], None]) -> Room:
        return self.when(lambda: self.time.passed >= moment, act)

    def pause(self, start: float, end: float) -> Room:
        return self.at(start, self.sensor.pause).at(end, self.sensor.resume)

    def play(
        self, until: float = 1e9, *, windows: int | None = None, each_turn: Callable[[], None] = lambda: None
    ) -> list[Aggregate]:
        self.at(until, self.sensor.stop)
        began = time.monotonic()

        def tick() -> None:
            assert time.monotonic() < began + 60, "the loop never ends"
            due = [pair for pair in self._acts if pair[0]()]
            self._acts = [pair for pair in self._acts if pair not in due]
            for _, act in due:
                act()
            each_turn()

        self.sensor.run(windows=windows, tick=tick)
        return self.told
