"""What is said on the command topic: words to obey, and an answer to what is none.

Whoever may send commands may send hundreds a second. Of those only the newest are kept, and an answer
goes out once a second, so that records and the stop are never behind them.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Literal

__all__ = ["Command", "Commands"]

Command = Literal["pause", "resume"]

_WORDS: dict[bytes, Command] = {b"pause": "pause", b"resume": "resume"}
_KEPT = 16  # more than anybody says between two looks; the last word counts
_EVERY = 1.0  # seconds between two answers


class Commands:
    """One thread receives and takes answers, another takes commands."""

    def __init__(self) -> None:
        self._heard: deque[Command] = deque(maxlen=_KEPT)
        self._answer: bytes | None = None
        self._answered = -_EVERY

    def receive(self, payload: bytes) -> None:
        if command := _WORDS.get(payload.strip()):
            self._heard.append(command)
        else:
            shown = "".join(letter if letter.isprintable() else "?" for letter in payload[:40].decode("latin-1"))
            self._answer = f'"{shown}" is no command. Send pause or resume.'.encode()

    def next(self) -> Command | None:
        """The oldest that is kept, if there is one."""
        return self._heard.popleft() if self._heard else None

    def answer(self) -> bytes | None:
        """What to say to the last one that was none, if it is time to."""
        now = time.monotonic()
        if self._answer is None or now < self._answered + _EVERY:
            return None
        answer, self._answer, self._answered = self._answer, None, now
        return answer
