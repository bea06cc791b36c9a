"""What becomes of a source while it is read: named phases, and the only ways from one to another.

It has no thread and no clock: `capture.py` says what happened and when, and asks what to do. Readers take turns. What
one says counts while it has the turn, so a reader that hung and wakes up late changes nothing any more.
"""

from __future__ import annotations

from enum import Enum, auto

from edge.errors import Problem

__all__ = ["Course", "Phase"]


class Phase(Enum):
    OPENING = auto()
    """A reader opens the source."""
    OPEN = auto()
    """It is open and has given nothing yet."""
    FLOWING = auto()
    """It gives pictures."""
    LOST = auto()
    """It failed, and is left in peace until the next attempt."""
    ENDED = auto()
    """A file or folder is at its end."""
    CLOSED = auto()
    """Nobody wants it any more."""


_READ = (Phase.OPENING, Phase.OPEN, Phase.FLOWING)
_OVER = (Phase.ENDED, Phase.CLOSED)


class Course:
    """The course of one source, which begins with its first opening."""

    def __init__(
        self, *, live: bool, patience: float, opening: float, back_off: tuple[float, float], now: float
    ) -> None:
        self._live = live
        self._patience, self._opening = patience, opening
        self._first_pause, self._longest_pause = back_off
        self.phase = Phase.LOST
        self.turn = 0
        self.why: Problem | None = None
        """Why it was lost the last time; None once it gives pictures again."""
        self.problem: Problem | None = None
        """What a file or folder held back, if anything."""
        self.answered = False
        """Whether it could be opened, at least once."""
        self._pause = 0.0
        self._flowing_since = now
        self._due = now
        """When patience is at its end, or when it is time for the next attempt."""
        self.attempt(now)

    @property
    def over(self) -> bool:
        return self.phase in _OVER

    @property
    def state(self) -> str:
        """ "ok", "waiting" for the first picture, or "lost: " and why."""
        if self.phase is Phase.FLOWING:
            return "ok"
        return f"lost: {self.why}" if self.why else "waiting"

    def wanted(self, turn: int) -> bool:
        """Whether the reader with this turn may go on."""
        return turn == self.turn and self.phase in _READ

    def rest(self, now: float) -> float | None:
        """Seconds until there is something to do without anything having happened; None for never."""
        if self.over or (not self._live and self.phase is not Phase.LOST):
            return None
        return max(0.0, self._due - now)

    def attempt(self, now: float) -> bool:
        """Give the turn to a new reader, if it is time for one."""
        if self.phase is not Phase.LOST or now < self._due:
            return False
        self.turn += 1
        self.phase, self._due = Phase.OPENING, now + self._opening
        return True

    def opened(self, turn: int, now: float) -> None:
        if self.wanted(turn) and self.phase is Phase.OPENING:
            self.phase, self.answered, self._due = Phase.OPEN, True, now + self._patience

    def gave(self, turn: int, now: float) -> None:
        """A picture came."""
        if self.wanted(turn):
            if self.phase is not Phase.FLOWING:
                self._flowing_since = now
            self.phase, self.why, self._due = Phase.FLOWING, None, now + self._patience

    def ended(self, turn: int, problem: Problem | None, now: float) -> None:
        """The reader is done: at the source's end, or because of a problem. No camera has an end."""
        if not self.wanted(turn):
            return
        if self._live:
            self._lose(problem or Problem("The camera stopped giving pictures. It is opened again."), now)
        elif problem and not self.answered:
            self._lose(problem, now)
        else:
            self.phase, self.problem = Phase.ENDED, self.problem or problem

    def overdue(self, now: float) -> None:
        """Lose a camera that has been silent for too long. Its reader hangs, and is left behind."""
        if self._live and self.phase in _READ and now >= self._due:
            opening = self.phase is Phase.OPENING
            what, seconds = ("did not answer", self._opening) if opening else ("gave no picture", self._patience)
            self._lose(Problem(f"The camera {what} for {seconds:g} s. It is opened again."), now)

    def close(self) -> None:
        """From everywhere, and for good. What is at its end stays there."""
        if self.phase is not Phase.ENDED:
            self.phase = Phase.CLOSED

    def _lose(self, why: Problem, now: float) -> None:
        # A camera that gives a picture or two at each opening has not recovered.
        recovered = self.phase is Phase.FLOWING and now - self._flowing_since >= self._pause
        longer = min(2 * self._pause, self._longest_pause)
        self._pause = self._first_pause if recovered or not self._pause else longer
        self.phase, self.why, self._due = Phase.LOST, why, now + self._pause
