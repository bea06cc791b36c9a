"""A real mosquitto on loopback, and an ear (mosquitto_sub) that is none of our code."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from parts import need

__all__ = ["Ear", "Heard", "Mosquitto", "eventually", "free_port"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something is so; seconds only bound a failure."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"never came true: {what}"
        time.sleep(0.02)


class Mosquitto:
    """Started on entry, stopped on exit; `stop` and `start` between make a restart."""

    def __init__(self, folder: Path, configuration: str = "allow_anonymous true", port: int | None = None) -> None:
        self.port = port or free_port()
        self.file = folder / "mosquitto.conf"
        self.log = folder / "mosquitto.log"
        # mosquitto gives up root by itself and could then not read the test's folder.
        self.file.write_text(f"user root\n{configuration.replace('PORT', str(self.port))}\n", encoding="utf-8")
        if "listener" not in configuration:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(f"listener {self.port} 127.0.0.1\n")
        self.url = f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen([need("mosquitto", "mosquitto"), "-c", self.file], stderr=log)
        eventually(self._answers, f"mosquitto listens:\n{self.log.read_text()}")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def publish(self, topic: str, payload: str) -> None:
        program = need("mosquitto_pub", "mosquitto-clients")
        subprocess.run([program, "-p", str(self.port), "-q", "1", "-t", topic, "-m", payload], check=True)

    def __enter__(self) -> Mosquitto:  # noqa: PYI034 - typing has Self from 3.11 on only
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Heard(NamedTuple):
    retained: bool
    expiry: str
    topic: str
    payload: str


class Ear:
    """Subscribes with Debian's mosquitto_sub and remembers all it hears."""

    def __init__(self, port: int, topic: str = "edge-engage/#", *options: str) -> None:
        self.heard: list[Heard] = []
        program = need("mosquitto_sub", "mosquitto-clients")
        self._process = subprocess.Popen(
            [program, "-V", "5", "-p", str(port), "-q", "1", "-t", topic, "-F", "%r|%E|%t|%x", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            retained, expiry, topic, payload = line.rstrip("\n").split("|", 3)
            self.heard.append(Heard(retained == "1", expiry, topic.rpartition("/")[2], bytes.fromhex(payload).decode()))

    def said(self, topic: str) -> list[str]:
        """All payloads heard on a topic, named by its last word."""
        return [heard.payload for heard in self.heard if heard.topic == topic]

    def wait(self, topic: str, *payloads: str) -> None:
        """Until the last things heard on a topic are these."""
        eventually(
            lambda: tuple(self.said(topic)[-len(payloads) :]) == payloads,
            f"{topic} says {payloads}; it said {self.said(topic)}",
        )

    def __enter__(self) -> Ear:  # noqa: PYI034 - typing has Self from 3.11 on only
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
