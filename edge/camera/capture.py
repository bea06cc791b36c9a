"""Frames from a source, in a thread of their own, into a mailbox with one slot.

A camera's newest frame wins, so memory never grows and nothing is ever late. A camera that is lost
or hangs is opened again, with growing pauses; a call that hangs is left behind with its thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal

from edge.camera.course import Course, Phase
from edge.camera.source import Image, Source
from edge.errors import Problem
from edge.flow import Frame

__all__ = ["Capture", "Pace"]

Pace = Literal["live", "paced", "unpaced"]
"""A camera; a file at its own speed; a file as fast as its frames are taken, each of them."""

_MOST_HUNG = 3  # readers left behind at a time; a process full of them needs the watchdog, not a fourth
_LATE = 1.0  # seconds a file may lag behind its own speed before the rest is shifted


class Capture(AbstractContextManager["Capture"]):
    """Reads until the end, or until closed. A camera that cannot be opened at first is a Problem at once."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        *,
        pace: Pace,
        loop: bool = False,
        must_open: bool = True,
        patience: float = 10.0,
        opening: float = 20.0,
        back_off: tuple[float, float] = (0.5, 30.0),
    ) -> None:
        """`loop` begins a file or folder again at its end. `patience` and `opening` are the seconds a picture and an
        opening may take before a camera counts as hung; `back_off` the first and the longest pause between attempts.
        Without `must_open`, a camera that is not there yet counts as lost instead."""
        self._open_source = open_source
        self._pace: Pace = pace
        # A camera has no end to begin again from: one that gives no more is lost.
        self._loop = loop and pace != "live"
        self._opening = opening
        self._longest_pause = back_off[1]
        self._changed = threading.Condition()
        self._slot: Frame | None = None
        self._readers: list[threading.Thread] = []
        self._zero = 0.0 if pace == "unpaced" else time.monotonic()
        self.frames = 0
        """How many the source gave."""
        self.dropped = 0
        """How many of them nobody took in time."""
        self._course = Course(
            live=pace == "live", patience=patience, opening=opening, back_off=back_off, now=time.monotonic()
        )
        self._begin_reading()
        if must_open:
            self._wait_until_open()
        self._supervisor = threading.Thread(target=self._supervise, name="capture", daemon=True)
        self._supervisor.start()

    @property
    def state(self) -> str:
        """ "ok", "waiting" for the first picture, or "lost: " and why."""
        with self._changed:
            return self._course.state

    @property
    def problem(self) -> Problem | None:
        """What a file or folder held back at its end, if anything: say it, and do not call the run a success."""
        return self._course.problem

    @property
    def ended(self) -> bool:
        """The file or folder is at its end and its last frame was taken. A camera never ends."""
        return self._course.phase is Phase.ENDED and self._slot is None

    def latest(self, timeout: float) -> Frame | None:
        """The next frame nobody has taken yet; None if there is none within `timeout` seconds or at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._slot or self._course.over, timeout)
            frame, self._slot = self._slot, None
            self._changed.notify_all()
            return frame

    def close(self) -> None:
        """Let go of the camera. Waits for it a little, so that it can be opened again; not for a hung one."""
        with self._changed:
            self._course.close()
            self._changed.notify_all()
            readers = self._readers
        for reader in readers[-1:]:
            reader.join(2)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_until_open(self) -> None:
        course = self._course
        with self._changed:
            self._changed.wait_for(lambda: course.answered or course.phase is not Phase.OPENING, self._opening)
            if course.answered:
                return
            course.close()
            self._changed.notify_all()
        raise course.why or Problem(f"The camera did not answer within {self._opening:g} s. Check its cable and power.")

    def _begin_reading(self) -> None:
        turn = self._course.turn
        reader = threading.Thread(target=self._read, args=(turn,), name=f"camera-{turn}", daemon=True)
        self._readers = [thread for thread in self._readers if thread.is_alive()] + [reader]
        reader.start()

    # The supervisor's thread

    def _supervise(self) -> None:
        """See to it that a lost or hung camera is opened again, until the end or until closed."""
        with self._changed:
            while not self._course.over:
                self._course.overdue(time.monotonic())
                lost = self._course.phase is Phase.LOST
                if lost and sum(reader.is_alive() for reader in self._readers) > _MOST_HUNG:
                    self._changed.wait(self._longest_pause)
                elif self._course.attempt(time.monotonic()):
                    self._begin_reading()
                else:
                    self._changed.wait(self._course.rest(time.monotonic()))

    # A reader's thread

    def _read(self, turn: int) -> None:
        problem: Problem | None = None
        try:
            while self._read_once(turn) and self._loop:
                pass  # from the beginning again
        except Problem as known:
            problem = known
        except Exception as error:  # noqa: BLE001 - whatever a camera's library raises, the supervisor must hear of it
            problem = Problem(f"The camera failed: {error}.")
        with self._changed:
            self._course.ended(turn, problem, time.monotonic())
            self._changed.notify_all()

    def _read_once(self, turn: int) -> bool:
        """From opening to the end. False when somebody else has the turn, or nothing came."""
        with self._changed:
            if not self._course.wanted(turn):
                return False
        source = self._open_source()
        frames = 0
        try:
            with self._changed:
                self._course.opened(turn, time.monotonic())
                self._changed.notify_all()
                if not self._course.wanted(turn):
                    return False
            while (image := source.read()) is not None:
                if not self._offer(turn, image, source.fps):
                    return False
                frames += 1
        except Problem as problem:
            if not (self._loop and frames):
                raise
            self._course.problem = problem  # a truncated file is repeated as far as it goes
        finally:
            source.close()
        return frames > 0

    def _offer(self, turn: int, image: Image, fps: float) -> bool:
        """Put a picture into the mailbox when its time has come. False when this reader is not wanted any more."""
        with self._changed:
            at = time.monotonic() if self._pace == "live" else self._due(fps)
            if self._pace == "paced":
                self._changed.wait_for(lambda: not self._course.wanted(turn), max(0.0, at - time.monotonic()))
            elif self._pace == "unpaced":
                self._changed.wait_for(lambda: self._slot is None or not self._course.wanted(turn))
            if not self._course.wanted(turn):
                return False
            self.frames += 1
            self.dropped += self._slot is not None
            self._slot = Frame(image, at, self.frames)
            self._course.gave(turn, time.monotonic())
            self._changed.notify_all()
            return True

    def _due(self, fps: float) -> float:
        """When a file's next frame is to be shown: by its own clock, on the monotonic one if paced."""
        at, now = self._zero + self.frames / fps, time.monotonic()
        if self._pace == "paced" and now > at + _LATE:
            self._zero += now - at  # this machine cannot keep up: go on from here
            at = now
        return at
