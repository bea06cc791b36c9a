"""Commands that prove who gave them: a word, its time in milliseconds, and an Ed25519 signature of both and the topic.

A stolen broker account can say anything, and hears all that is said. So what was signed for another room, what is
older than a few minutes, and what was obeyed once before are each refused.
"""

from __future__ import annotations

import logging
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.disk import write_whole

__all__ = ["NotSigned", "Seal", "signed", "word_of"]

_log = logging.getLogger(__name__)
_FORM = re.compile(rb"([a-z]{1,20}) ([0-9]{13}) ([A-Za-z0-9_-]{86}==)")
_APART = 300_000  # milliseconds between two clocks that are still believed


class NotSigned(Exception):
    """Says why the command does not count."""


def signed(topic: str, word: str, key: Ed25519PrivateKey, at: float | None = None) -> bytes:
    """The payload to publish on a room's command topic; `at` is Unix time, by default now."""
    said = f"{word} {(time.time() if at is None else at) * 1000:013.0f}"
    return f"{said} {urlsafe_b64encode(key.sign(_meant(topic, said.encode()))).decode()}".encode()


def word_of(payload: bytes) -> bytes:
    """The word of a signed command, for a sensor that asks for no signature; anything else as it is."""
    form = _FORM.fullmatch(payload)
    return form[1] if form else payload


def _meant(topic: str, said: bytes) -> bytes:
    return topic.encode() + b" " + said


class Seal:
    """Opens commands of one topic that the key's holder signed, each once, over restarts too."""

    def __init__(
        self, topic: str, key: Ed25519PublicKey, memory: Path, *, clock: Callable[[], float] = time.time
    ) -> None:
        """`memory` is the file that keeps the time of the last command."""
        self._topic = topic
        self._key = key
        self._memory = memory
        self._clock = clock
        self._last = self._remembered()

    def opened(self, payload: bytes) -> bytes:
        """The word within, or `NotSigned`."""
        form = _FORM.fullmatch(payload)
        if form is None:
            raise NotSigned("it is not signed, and mqtt.command_key asks for that")
        word, said_at, signature = form[1], int(form[2]), urlsafe_b64decode(form[3])
        if said_at <= self._last:
            raise NotSigned("it, or a newer one, was obeyed before")
        if abs(said_at - self._clock() * 1000) > _APART:
            raise NotSigned("its time is more than five minutes from this sensor's. Is one of the clocks wrong?")
        try:
            self._key.verify(signature, _meant(self._topic, payload[: form.end(2)]))
        except InvalidSignature:
            raise NotSigned("it was signed with another key than mqtt.command_key, or for another room") from None
        self._remember(said_at)
        return word

    def _remembered(self) -> int:
        try:
            return int(self._memory.read_bytes())
        except FileNotFoundError:
            return 0
        except (OSError, ValueError):
            # Better to miss one that is on its way than to obey an old one again.
            return int(self._clock() * 1000)

    def _remember(self, said_at: int) -> None:
        self._last = said_at
        try:
            write_whole(self._memory, b"%d" % said_at)
        except OSError as error:
            _log.warning("The time of the last command cannot be kept in %s: %s.", self._memory, error.strerror)
