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
        """`patience` and `opening` are the seconds a picture and an opening may take before a camera counts as
        hung; `back_off` the first and the longest pause between attempts. Without `must_open`, a camera that is
        not there yet counts as lost instead."""
        self._open_source = open_source
        self._pace: Pace = pace
        self._loop = loop
        self._patience, self._opening = patience, opening
        self._first_pause, self._longest_pause = back_off
        self._changed = threading.Condition()
        self._slot: Frame | None = None
        self._turn = 0
        """Which reader may speak. One that hung and wakes up late finds the turn passed on."""
        self._opened = self._closed = self._finished = False
        self._failure: Problem | None = None
        self._deadline = 0.0
        self._readers: list[threading.Thread] = []
        self._zero = 0.0 if pace == "unpaced" else time.monotonic()
        self.state = "waiting"
        """"ok", "waiting" for the first picture, or "lost: " and why."""
        self.problem: Problem | None = None
        """What a file or folder held back at its end, if anything: say it, and do not call the run a success."""
        self.frames = 0
        """How many the source gave."""
        self.dropped = 0
        """How many of them nobody took in time."""
        self._begin_reading()
        if must_open:
            self._wait_until_open()
        self._supervisor = threading.Thread(target=self._supervise, name="capture", daemon=True)
        self._supervisor.start()

    def latest(self, timeout: float) -> Frame | None:
        """The next frame nobody has taken yet; None if there is none within `timeout` seconds or at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._slot or self._finished or self._closed, timeout)
            frame, self._slot = self._slot, None
            self._changed.notify_all()
            return frame

    @property
    def ended(self) -> bool:
        """The file or folder is at its end and its last frame was taken. A camera never ends."""
        return self._finished and self._slot is None

    def close(self) -> None:
        """Let go of the camera. Waits for it a little, so that it can be opened again; not for a hung one."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            readers = self._readers
        for reader in readers[-1:]:
            reader.join(2)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin_reading(self) -> None:
        with self._changed:
            self._turn += 1
            self._opened, self._failure = False, None
            self._deadline = time.monotonic() + self._opening
            reader = threading.Thread(target=self._read, args=(self._turn,), name=f"camera-{self._turn}", daemon=True)
            self._readers = [thread for thread in self._readers if thread.is_alive()] + [reader]
        reader.start()

    def _wait_until_open(self) -> None:
        with self._changed:
            answered = self._changed.wait_for(lambda: self._opened or self._failure, self._opening)
            self._closed = not self._opened
        if self._failure and not self._opened:
            raise self._failure
        if not answered:
            raise Problem(f"The camera did not answer within {self._opening:g} s. Check its cable and power.")

    # The supervisor's thread

    def _supervise(self) -> None:
        """Wait for the end, or for a camera's loss, which is followed by another attempt."""
        pause = self._first_pause
        while True:
            failure, worked = self._wait_for_failure()
            if failure is None:
                return
            with self._changed:
                self._turn += 1
                self.state = f"lost: {failure}"
                pause = self._first_pause if worked else min(2 * pause, self._longest_pause)
                if self._changed.wait_for(lambda: self._closed, pause):
                    return
            while sum(reader.is_alive() for reader in self._readers) > _MOST_HUNG:
                if self._wait_closed(self._longest_pause):
                    return
            self._begin_reading()

    def _wait_closed(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, seconds)

    def _wait_for_failure(self) -> tuple[Problem | None, bool]:
        """Why the camera gives no more, and whether it gave anything since it was opened. No reason: all is over."""
        with self._changed:
            before = self.frames
            while not (self._closed or self._finished or self._failure):
                rest = self._deadline - time.monotonic() if self._pace == "live" else None
                if rest is not None and rest <= 0:
                    what = "gave no picture" if self._opened else "did not answer"
                    seconds = self._patience if self._opened else self._opening
                    return Problem(f"The camera {what} for {seconds:g} s. It is opened again."), self.frames > before
                self._changed.wait(rest)
            over = self._closed or self._finished
            return None if over else self._failure, self.frames > before

    # A reader's thread

    def _read(self, turn: int) -> None:
        failure: Problem | None = None
        try:
            while self._read_once(turn) and self._loop:
                pass  # from the beginning again
        except Problem as problem:
            failure = problem
        except Exception as error:  # noqa: BLE001 - whatever a camera's library raises, the supervisor must hear of it
            failure = Problem(f"The camera failed: {error}.")
        with self._changed:
            if turn == self._turn:
                if self._pace == "live":
                    self._failure = failure or Problem("The camera stopped giving pictures. It is opened again.")
                elif failure and not self._opened:
                    self._failure = failure
                else:
                    self.problem = self.problem or failure
                    self._finished = True
                self._changed.notify_all()

    def _read_once(self, turn: int) -> bool:
        """From opening to the end. False when somebody else has the turn, or nothing came."""
        source = self._open_source()
        frames = 0
        try:
            with self._changed:
                self._opened = self._opened or turn == self._turn
                self._changed.notify_all()
            while (image := source.read()) is not None:
                if not self._offer(turn, image, source.fps):
                    return False
                frames += 1
        except Problem as problem:
            if self._pace == "live" or not (self._loop and frames):
                raise
            self.problem = problem  # a truncated file is repeated as far as it goes
        finally:
            source.close()
        return frames > 0

    def _offer(self, turn: int, image: Image, fps: float) -> bool:
        """Put a picture into the mailbox when its time has come. False when this reader is not wanted any more."""
        with self._changed:
            at = time.monotonic() if self._pace == "live" else self._due(fps)
            if self._pace == "paced":
                self._changed.wait_for(lambda: not self._wanted(turn), max(0.0, at - time.monotonic()))
            elif self._pace == "unpaced":
                self._changed.wait_for(lambda: self._slot is None or not self._wanted(turn))
            if not self._wanted(turn):
                return False
            self.frames += 1
            self.dropped += self._slot is not None
            self._slot = Frame(image, at, self.frames)
            self._deadline = time.monotonic() + self._patience
            self.state = "ok"
            self._changed.notify_all()
            return True

    def _due(self, fps: float) -> float:
        """When a file's next frame is to be shown: by its own clock, on the monotonic one if paced."""
        at, now = self._zero + self.frames / fps, time.monotonic()
        if self._pace == "paced" and now > at + _LATE:
            self._zero += now - at  # this machine cannot keep up: go on from here
            at = now
        return at

    def _wanted(self, turn: int) -> bool:
        return turn == self._turn and not self._closed
