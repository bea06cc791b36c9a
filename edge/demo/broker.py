"""A broker inside this process, for the demo: on loopback, without accounts, forgotten at the end."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import AbstractContextManager
from types import TracebackType

from edge.errors import Problem

__all__ = ["Broker"]

_HOST = "127.0.0.1"
_PORTS = range(1883, 1900)
_START = 15.0


class Broker(AbstractContextManager["Broker"]):
    """Listens on the first free port from 1883 on, in a thread of its own."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.url = f"mqtt://{_HOST}:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._started = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._thread.start()
        if not self._started.wait(_START) or self._failure:
            raise Problem(f"The demo's broker did not start on port {self.port}: {self._failure or 'no answer'}.")

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        try:
            from amqtt.broker import Broker as Engine

            for name in ("amqtt", "transitions"):
                logging.getLogger(name).setLevel(logging.CRITICAL)
            engine = Engine(
                {
                    "listeners": {"default": {"type": "tcp", "bind": f"{_HOST}:{self.port}"}},
                    "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
                }
            )
            await engine.start()
        except Exception as error:  # noqa: BLE001 - told to the thread that waits
            self._failure = error
            return
        finally:
            self._started.set()
        await self._stop.wait()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # clients that end together confuse it
        await engine.shutdown()


def _free_port() -> int:
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return port
    raise Problem(f"No port from {_PORTS[0]} to {_PORTS[-1]} is free for the demo's broker. Stop one of their users.")
