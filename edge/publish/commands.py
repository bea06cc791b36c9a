"""What is said on the command topic: words to obey, and an answer to what is none.

Whoever may send commands may send hundreds a second. The last word counts; one is obeyed and one answer goes out
a second, so that the loop, the records and the stop are never behind them.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import Literal

from edge.publish.signed import NotSigned, Seal, word_of

__all__ = ["Command", "Commands"]

Command = Literal["pause", "resume"]

_log = logging.getLogger(__name__)
_WORDS: dict[bytes, Command] = {b"pause": "pause", b"resume": "resume"}
_EVERY = 1.0  # seconds between two commands, and between two answers
_NOTED = 60.0  # seconds between two lines in the journal of what was no command


class Commands:
    """One thread receives and takes answers, another takes commands."""

    def __init__(self, seal: Seal | None = None) -> None:
        """With a seal, what it does not open is refused."""
        self._seal = seal
        self._heard: deque[Command] = deque(maxlen=1)
        self._refusals: set[str] = set()
        self._answer: bytes | None = None
        self._answered = self._obeyed = -_EVERY
        self._noted = -_NOTED

    def receive(self, payload: bytes) -> None:
        try:
            word = self._seal.opened(payload.strip()) if self._seal else word_of(payload.strip())
        except NotSigned as refusal:
            self._refuse(f"A command was refused: {refusal}.")
            return
        if command := _WORDS.get(word):
            self._heard.append(command)
            self._refusals.clear()
        else:
            shown = "".join(letter if letter.isprintable() else "?" for letter in payload[:40].decode("latin-1"))
            self._pass_over(f'"{shown}" is no command. Send pause or resume.')

    def next(self) -> Command | None:
        """The last one, if one has come and it is time to obey it."""
        now = time.monotonic()
        if not self._heard or now < self._obeyed + _EVERY:
            return None
        self._obeyed = now
        return self._heard.pop()

    def answer(self) -> bytes | None:
        """What to say to the last one that was none, if it is time to."""
        now = time.monotonic()
        if self._answer is None or now < self._answered + _EVERY:
            return None
        answer, self._answer, self._answered = self._answer, None, now
        return answer

    def _pass_over(self, why: str) -> None:
        self._answer = why.encode()
        now = time.monotonic()
        if now >= self._noted + _NOTED:
            self._noted = now
            _log.warning("On the command topic: %s", why)

    def _refuse(self, why: str) -> None:
        self._answer = why.encode()
        # Once a reason: whoever is refused may try again and again, and the journal has an end.
        if why not in self._refusals:
            self._refusals.add(why)
            _log.warning(why)
