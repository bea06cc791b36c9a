"""A door before a real broker that behaves as badly as a test asks: late, silent, refusing, deaf."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

__all__ = ["UNAVAILABLE", "Doorman", "Manner"]

Manner = float | bytes | None
"""Let in after so many seconds; or answer with these bytes and close; or say nothing at all."""

UNAVAILABLE = {5: b"\x20\x03\x00\x88\x00", 4: b"\x20\x02\x00\x03"}
"""CONNACK "Server unavailable", by version."""


class Doorman:
    """Listens on `port`; `manner` is asked of every visit with its number and its version (5, or 4 for 3.1.1)."""

    def __init__(self, broker_port: int, manner: Callable[[int, int], Manner] = lambda _number, _version: 0.0) -> None:
        self.visits: list[int] = []
        self.mute = False
        """The broker is let speak no more."""
        self.delay: Callable[[], float] = lambda: 0.0
        """Seconds that what is said, by either side, is on its way."""
        self._broker_port = broker_port
        self._manner = manner
        self._sockets: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._door.getsockname()[1]}"
        _thread(self._watch)

    def _watch(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._door.accept()
                self._sockets.append(visitor)
                _thread(self._receive, visitor)

    def _receive(self, visitor: socket.socket) -> None:
        with suppress(OSError):
            first = visitor.recv(65536)
            if not first:
                return  # gone before it said a word
            version = first[first.index(b"MQTT") + 4]
            self.visits.append(version)
            manner = self._manner(len(self.visits), version)
            if isinstance(manner, bytes):
                visitor.sendall(manner)
                visitor.shutdown(socket.SHUT_RDWR)
            elif manner is not None:
                time.sleep(manner)
                broker = socket.create_connection(("127.0.0.1", self._broker_port))
                self._sockets.append(broker)
                broker.sendall(first)
                _thread(self._carry, broker, visitor, True)
                self._carry(visitor, broker, False)

    def _carry(self, giver: socket.socket, taker: socket.socket, from_broker: bool) -> None:
        with suppress(OSError):
            while said := giver.recv(65536):
                time.sleep(self.delay())
                if not (from_broker and self.mute):
                    taker.sendall(said)
        for end in (giver, taker):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def interrupt(self, words: bytes) -> None:
        """Say something to every visitor in the broker's place."""
        for end in self._sockets:
            with suppress(OSError):
                if end.getsockname() == self._door.getsockname():
                    end.sendall(words)

    def drop(self) -> None:
        """Cut every connection there is."""
        for end in self._sockets:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Doorman:  # noqa: PYI034 - typing has Self from 3.11 on only
        return self

    def __exit__(self, *_: object) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self.drop()
        for end in (self._door, *self._sockets):
            end.close()


def _thread(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()
