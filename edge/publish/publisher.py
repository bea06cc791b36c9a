"""The room's voice on the broker: records, health, availability and state go out, commands come in.

Everything may be called from any thread and returns at once; one thread of its own does the
talking, and nothing is sent but by it. The engagement record goes through the outbox, so nothing
is lost while the broker is away (`edge.publish.delivery`). Health and state are the latest only, and
said again on every reconnect, so that what is retained on the broker is what is true.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from typing import Literal

from paho.mqtt.enums import MQTTProtocolVersion

from edge.errors import Problem
from edge.publish.address import Address
from edge.publish.commands import Command, Commands
from edge.publish.delivery import Delivery
from edge.publish.link import Link, Lost, OnlyOlder, Refused
from edge.publish.newest import in_newest_version
from edge.publish.outbox import MemoryOutbox, Outbox
from edge.publish.signed import Seal
from edge.publish.topics import Topics

__all__ = ["Command", "Publisher", "State"]

State = Literal["starting", "running", "paused"]

_log = logging.getLogger(__name__)
_PATIENCE = 0.25  # seconds between attempts while closing
_SETTLED = 30.0  # seconds after which a connection counts as a good one
_FAREWELL = 2.0  # seconds to say offline in, when nothing more is delivered


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
        seal: Seal | None = None,
        catch_up: float = 20.0,
    ) -> None:
        """`expires` is how many seconds a retained record stays on the broker: three windows.

        With a `seal` only commands that it opens count. After an outage, `catch_up` old records a second are sent
        beside the new ones.
        """
        self._address = address
        self._topics = topics
        self._client_id = client_id or f"edge-engage-{topics.site}-{topics.room}"
        self._outbox: Outbox = outbox or MemoryOutbox()
        self._delivery = Delivery(self._outbox, expires=expires, catch_up=catch_up)
        self._commands = Commands(seal)
        self._latest: dict[str, bytes | None] = {topics.state: b"starting", topics.health: None}
        self._unsaid: set[str] = set()
        self._troubles: dict[str, str] = {}
        self._version = MQTTProtocolVersion.MQTTv5
        self.connections = 0
        """How many were made. After each, health is told anew: what was said in the one before is old."""
        self._connected_since: float | None = None
        self._refusal: str | None = None
        self._tried = threading.Event()
        self._closing = threading.Event()
        self._flush_until = 0.0
        self._thread = threading.Thread(target=self._run, name="publish", daemon=True)

    @property
    def connected(self) -> bool:
        return self._connected_since is not None

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
        if not self._tried.wait(patience):
            self._tried.set()  # from here on a refusal is a trouble like others
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
        return self._commands.next()

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
        while self._wanted():
            try:
                self._serve(in_newest_version(self._dial))
            except Refused as refusal:
                message = f"The broker {self._address} refuses {self._who}: {refusal}"
                if self._tried.is_set():
                    self._trouble("connection", message)
                else:
                    self._refusal = message  # said once, by whoever started us
            except (Lost, OnlyOlder) as loss:
                self._trouble("connection", f"The broker {self._address} cannot be reached: {loss}. Trying again.")
            else:
                return
            since, self._connected_since = self._connected_since, None
            self._tried.set()
            # Two clients of one name throw each other out for ever: that must not become a storm.
            if since is not None and time.monotonic() > since + _SETTLED:
                waits = _back_off()
            self._rest(next(waits))

    def _wanted(self) -> bool:
        """Whether there is still something to do: while closing, as long as records wait and there is time for them."""
        return not self._closing.is_set() or (self._outbox.depth > 0 and time.monotonic() < self._flush_until)

    def _rest(self, seconds: float) -> None:
        """Wait before the next attempt; while closing, attempts follow on one another: there are few seconds left."""
        if self._closing.wait(seconds) and self._wanted():
            time.sleep(_PATIENCE)

    def _given_up(self) -> bool:
        return self._closing.is_set() and time.monotonic() > self._flush_until + _FAREWELL

    def _dial(self, version: MQTTProtocolVersion, greeting: float) -> Link:
        return Link(
            self._address,
            self._client_id,
            version=version,
            will=(self._topics.availability, b"offline"),
            receive=self._commands.receive,
            give_up=self._given_up,
            greeting=greeting,
        )

    def _serve(self, link: Link) -> None:
        """Talk until closed."""
        self._version = link.version
        self._subscribe(link)
        self._latest[self._topics.health] = None
        self._unsaid.add(self._topics.state)
        self._say_unsaid(link)
        self._send(link, self._topics.availability, b"online")
        self._connected_since = time.monotonic()
        self.connections += 1
        self._troubles.pop("connection", None)
        _log.info("Connected to %s with %s.", self._address, self.protocol)
        self._tried.set()
        self._deliver(link)
        self._send(link, self._topics.availability, b"offline")
        link.close()

    def _deliver(self, link: Link) -> None:
        """Send what there is to send, until closed."""

        def send(payload: bytes, *, retain: bool, expires: int | None) -> bool:
            return self._send(link, self._topics.engagement, payload, retain=retain, expires=expires)

        self._delivery.begin()
        while self._wanted():
            self._say_unsaid(link)
            rest = self._delivery.turn(
                send, forgets=link.version == MQTTProtocolVersion.MQTTv5, hurry=self._closing.is_set()
            )
            if rest:
                link.listen(rest)
        self._say_unsaid(link)

    def _say_unsaid(self, link: Link) -> None:
        if answer := self._commands.answer():
            self._send(link, self._topics.state, answer, retain=False)
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
        if not self._address.username:
            return "a client without a user name"
        return f'user "{self._address.username}"' + ("" if self._address.password else ", who gives no password")

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
