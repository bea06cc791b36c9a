"""One connection to a broker, from CONNECT to its end, driven by the thread that uses it.

A new paho client serves each connection: paho keeps unacknowledged messages and would send an
outdated state again after a reconnect.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import Problem
from edge.publish.address import Address
from edge.publish.tls import Tls, why

__all__ = ["ANSWER_SECONDS", "Link", "Lost", "NoGreeting", "OnlyOlder", "Refused"]

_KEEPALIVE = 30
_LARGEST = 64 * 1024  # bytes; a command is a word, and a broker of MQTT 5 keeps what is larger to itself
_ACCOUNT = "Check mqtt.username and the password."
_REFUSALS = {
    "Client identifier not valid": "Check mqtt.client_id.",
    "Bad user name or password": _ACCOUNT,
    "Not authorized": _ACCOUNT,
    "Banned": _ACCOUNT,
    "Bad authentication method": _ACCOUNT,
}
"""What a broker says of who we are, and what to do; whatever else it says on greeting is a trouble of its own."""

ANSWER_SECONDS = 15.0
"""A broker that takes longer to acknowledge is treated as gone."""


class Lost(Exception):
    """The connection ended, or never came to be."""


class Refused(Exception):
    """The broker answered, and the answer is no. Says why in the broker's words."""


class OnlyOlder(Exception):
    """The broker says that it does not speak this version of MQTT."""


class NoGreeting(Lost):
    """The broker took the connection and said nothing, or closed it without a word."""


class Link:
    """Open with `Link(...)`, which returns once the broker has accepted; any member may raise `Lost`.

    `greeting` is how many seconds it may take to accept; once `give_up` says so, no answer is waited for.
    """

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        version: MQTTProtocolVersion,
        will: tuple[str, bytes],
        receive: Callable[[bytes], None],
        give_up: Callable[[], bool],
        greeting: float = ANSWER_SECONDS,
    ) -> None:
        self.version = version
        self._receive = receive
        self._give_up = give_up
        self._accepted: ReasonCode | None = None
        self._answers: dict[int, ReasonCode] = {}
        self._ended = ""
        client = self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=version)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.will_set(will[0], will[1], qos=1, retain=True)
        if address.username is not None or address.password is not None:
            client.username_pw_set(address.username or "", address.password)
        if address.tls:
            client.tls_set_context(_context(address.tls))
        self._open(address, greeting)

    def _open(self, address: Address, greeting: float) -> None:
        properties = None
        if self.version == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)
            properties.MaximumPacketSize = _LARGEST
        try:
            self._client.connect(address.host, address.port, keepalive=_KEEPALIVE, properties=properties)
        except ssl.SSLError as error:
            raise Lost(why(error)) from None
        except (OSError, ValueError) as error:
            # ValueError: a host name that no resolver takes.
            raise Lost(getattr(error, "strerror", None) or str(error)) from None
        try:
            self._wait(lambda: self._accepted is not None, greeting)
        except Lost as loss:
            # A refusal is followed by the connection's end.
            if self._accepted is None:
                # Said politely, so that a slow broker does not take us for dead when it gets round to us.
                self._client.disconnect()
                self._drop()
                raise NoGreeting(str(loss)) from None
        if self._accepted and self._accepted.is_failure:
            self._client.disconnect()
            said = self._accepted.getName()
            if said == "Unsupported protocol version":
                raise OnlyOlder(said)
            if said in _REFUSALS:
                raise Refused(f"{said}. {_REFUSALS[said]}")
            raise Lost(f'it says "{said}"')

    def send(self, topic: str, payload: bytes, *, retain: bool, expires: int | None = None) -> None:
        """Publish with QoS 1 and wait for the acknowledgement; `Refused` when the broker declines it."""
        properties = None
        if expires and self.version == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expires
        number = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties).mid
        self._answer(number)

    def subscribe(self, topic: str) -> None:
        _, number = self._client.subscribe(topic, qos=1)
        if number is None:
            raise Lost(self._ended or "the connection is closed")
        self._answer(number)

    def listen(self, seconds: float) -> None:
        """Let the connection work, and `receive` be called, for up to this long."""
        if self._ended:
            raise Lost(self._ended)
        if self._client.loop(seconds) != mqtt.MQTT_ERR_SUCCESS or self._ended:
            raise Lost(self._ended or "the connection was closed")

    def close(self) -> None:
        """Leave politely: the broker does not publish the last will."""
        self._client.disconnect()
        for _ in range(20):
            if self._ended or self._client.loop(0.1) != mqtt.MQTT_ERR_SUCCESS:
                break

    def _answer(self, number: int) -> None:
        self._wait(lambda: number in self._answers)
        answer = self._answers.pop(number)
        if answer.is_failure:
            raise Refused(answer.getName())

    def _wait(self, arrived: Callable[[], bool], seconds: float = ANSWER_SECONDS) -> None:
        until = time.monotonic() + seconds
        while not arrived():
            if time.monotonic() > until or self._give_up():
                self._drop()
                raise Lost(f"no answer for {seconds:.0f} seconds")
            self.listen(0.25)

    def _drop(self) -> None:
        if socket := self._client.socket():
            socket.close()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self._accepted = reason

    def _on_disconnect(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if self._ended:
            return  # the first reason is the true one
        said = flags.is_disconnect_packet_from_server
        self._ended = f"the broker ended it: {reason.getName()}" if said else "the connection was closed"

    def _on_publish(self, _client: Any, _data: Any, number: int, reason: ReasonCode, _properties: Any) -> None:
        self._answers[number] = reason

    def _on_subscribe(self, _client: Any, _data: Any, number: int, reasons: list[ReasonCode], _properties: Any) -> None:
        self._answers[number] = reasons[0]

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        # A command that was retained long ago is not for now.
        if not message.retain:
            self._receive(bytes(message.payload))


def _context(tls: Tls) -> ssl.SSLContext:
    """A file that was there at the start may have gone since."""
    try:
        return tls.context()
    except Problem as problem:
        raise Lost(str(problem).removesuffix(".")) from None
