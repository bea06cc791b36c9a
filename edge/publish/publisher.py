"""The room's voice on the broker: records, health, availability and state go out, commands come in.

Everything may be called from any thread and returns at once; one thread of its own does the
talking, and nothing is sent but by it. The engagement record goes through the outbox, so nothing
is lost while the broker is away. Health and state are the latest only, and said again on every
reconnect, so what is retained on the broker is always true.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Iterator
from typing import Literal

from paho.mqtt.enums import MQTTProtocolVersion

from edge.errors import Problem
from edge.publish.address import Address
from edge.publish.link import Link, Lost, OnlyOlder, Refused
from edge.publish.outbox import MemoryOutbox, Outbox
from edge.publish.topics import Topics

__all__ = ["Command", "Publisher", "State"]

Command = Literal["pause", "resume"]
State = Literal["running", "paused"]

_log = logging.getLogger(__name__)
_PATIENCE = 0.25  # seconds until something new to send is noticed
_SETTLED = 30.0  # seconds after which a connection counts as a good one
_COMMANDS: dict[bytes, Command] = {b"pause": "pause", b"resume": "resume"}


class Publisher:
    """Use as a context manager, or `start` and `close` it.

    with Publisher(address, Topics("school", "room-12"), expires=30) as publisher:
        publisher.engagement(record)          # bytes, once a window
        publisher.health(figures)             # bytes, once a minute
        while command := publisher.command(): # "pause" or "resume"; obey, then
            publisher.state("paused")         # say what is true now
    """

    def __init__(
        self,
        address: Address,
        topics: Topics,
        *,
        expires: int,
        client_id: str | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        """`expires` is how many seconds a retained record stays on the broker: three windows."""
        self._address = address
        self._topics = topics
        self._expires = expires
        self._client_id = client_id or f"edge-engage-{topics.site}-{topics.room}"
        self._outbox: Outbox = outbox or MemoryOutbox()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._latest: dict[str, bytes | None] = {topics.state: b"running", topics.health: None}
        self._unsaid: set[str] = set()
        self._troubles: dict[str, str] = {}
        self._version = MQTTProtocolVersion.MQTTv5
        self._connected = False
        self._refusal: str | None = None
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._flush_until = 0.0
        self._thread = threading.Thread(target=self._run, name="publish", daemon=True)

    @property
    def connected(self) -> bool:
        return self._connected

    @property
    def protocol(self) -> str:
        return "MQTT 5" if self._version == MQTTProtocolVersion.MQTTv5 else "MQTT 3.1.1"

    @property
    def trouble(self) -> str | None:
        """What is wrong between here and the broker, in words; None when nothing is."""
        return next(iter(list(self._troubles.values())), None)

    def start(self, patience: float = 10.0) -> None:
        """Connect. Returns after the first attempt: an unreachable broker is tried again in the background.

        A broker that refuses who we are is a `Problem`.
        """
        self._thread.start()
        self._tried.wait(patience)
        if self._refusal:
            self.close(0)
            raise Problem(self._refusal)

    def engagement(self, record: bytes) -> None:
        """Hand over one encoded record; it is delivered in order, when the broker can be reached."""
        self._outbox.put(record)

    def health(self, figures: bytes) -> None:
        """Say how the sensor is; only the latest counts."""
        self._say(self._topics.health, figures)

    def state(self, state: State) -> None:
        """Say what the sensor does now, as the answer to a command."""
        self._say(self._topics.state, state.encode())

    def command(self) -> Command | None:
        """The next command, if one has come."""
        try:
            return self._commands.get_nowait()
        except queue.Empty:
            return None

    def close(self, flush_seconds: float = 5.0) -> int:
        """Deliver what waits for up to so long, say offline, leave. Returns how many records stay undelivered."""
        self._flush_until = time.monotonic() + flush_seconds
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(flush_seconds + 10)
        if self._outbox.depth:
            _log.warning("%d records were not delivered to %s.", self._outbox.depth, self._address)
        return self._outbox.depth

    def __enter__(self) -> Publisher:  # noqa: PYI034 - typing has Self from 3.11 on only
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _say(self, topic: str, payload: bytes) -> None:
        self._latest[topic] = payload
        self._unsaid.add(topic)

    def _run(self) -> None:
        waits = _back_off()
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                self._serve(self._connect())
            except OnlyOlder:
                self._version = MQTTProtocolVersion.MQTTv311
                continue
            except Refused as refusal:
                message = (
                    f"The broker {self._address} refuses {self._who}: {refusal}. Check mqtt.username and the password."
                )
                self._trouble("connection", message)
                if not self._tried.is_set():
                    self._refusal = message
            except Lost as loss:
                self._trouble("connection", f"The broker {self._address} cannot be reached: {loss}. Trying again.")
                # It may be another broker when it is back.
                self._version = MQTTProtocolVersion.MQTTv5
            self._connected = False
            self._tried.set()
            # Two clients of one name throw each other out for ever: that must not become a storm.
            if time.monotonic() > began + _SETTLED:
                waits = _back_off()
            self._closing.wait(next(waits))

    def _connect(self) -> Link:
        will = (self._topics.availability, b"offline")
        return Link(self._address, self._client_id, version=self._version, will=will, receive=self._receive)

    def _serve(self, link: Link) -> None:
        self._subscribe(link)
        self._unsaid.update(self._latest)
        self._say_unsaid(link)
        self._send(link, self._topics.availability, b"online")
        self._connected = True
        self._troubles.pop("connection", None)
        _log.info("Connected to %s with %s.", self._address, self.protocol)
        self._tried.set()
        self._deliver(link)
        self._send(link, self._topics.availability, b"offline")
        link.close()

    def _deliver(self, link: Link) -> None:
        """Send what there is to send, until closed."""
        again_at, waits = 0.0, _back_off()
        while True:
            self._say_unsaid(link)
            waiting = self._outbox.peek()
            held = time.monotonic() < again_at
            if self._closing.is_set() and (waiting is None or held or time.monotonic() > self._flush_until):
                return
            if waiting is None or held:
                link.listen(_PATIENCE)
            elif self._send(link, self._topics.engagement, waiting.payload, expires=self._expires):
                self._outbox.done(waiting.number)
                waits = _back_off()
            else:
                # Kept, and offered again: the access list may be mended meanwhile.
                again_at = time.monotonic() + next(waits)

    def _say_unsaid(self, link: Link) -> None:
        while not self._answers.empty():
            self._send(link, self._topics.state, self._answers.get(), retain=False)
            self._unsaid.add(self._topics.state)
        while self._unsaid:
            topic = self._unsaid.pop()
            if payload := self._latest[topic]:
                self._send(link, topic, payload)

    def _send(self, link: Link, topic: str, payload: bytes, *, retain: bool = True, expires: int | None = None) -> bool:
        try:
            link.send(topic, payload, retain=retain, expires=expires)
        except Refused as refusal:
            self._trouble(
                topic, f"The broker does not let {self._who} publish to {topic}: {refusal}. Check its access list."
            )
            return False
        self._troubles.pop(topic, None)
        return True

    def _subscribe(self, link: Link) -> None:
        topic = self._topics.command
        try:
            link.subscribe(topic)
        except Refused as refusal:
            self._trouble(
                topic, f"The broker does not let {self._who} subscribe to {topic}: {refusal}. Check its access list."
            )
        else:
            self._troubles.pop(topic, None)

    @property
    def _who(self) -> str:
        return f'user "{self._address.username}"' if self._address.username else "a client without a user name"

    def _receive(self, payload: bytes) -> None:
        command = _COMMANDS.get(payload.strip())
        if command:
            self._commands.put(command)
        else:
            shown = "".join(
                character if character.isprintable() else "?" for character in payload[:40].decode("latin-1")
            )
            self._answers.put(f'"{shown}" is no command. Send pause or resume.'.encode())

    def _trouble(self, where: str, message: str) -> None:
        if self._troubles.get(where) != message:
            _log.warning(message)
        self._troubles[where] = message


def _back_off(first: float = 1.0, most: float = 60.0) -> Iterator[float]:
    """Longer and longer waits, shaken so that a school of sensors does not return in one moment."""
    wait = first
    while True:
        yield random.uniform(wait / 2, wait)
        wait = min(most, wait * 2)
