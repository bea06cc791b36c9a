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
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.publish.address import Address

__all__ = ["Link", "Lost", "OnlyOlder", "Refused"]

_KEEPALIVE = 30
_ANSWER_SECONDS = 15.0  # a broker that takes longer to acknowledge is treated as gone
# Old brokers refuse MQTT 5, or close the connection, or (amqtt) say nothing; and every broker speaks 3.1.1.
_GREETING_SECONDS = 2.0


class Lost(Exception):
    """The connection ended, or never came to be."""


class Refused(Exception):
    """The broker answered, and the answer is no. Says why in the broker's words."""


class OnlyOlder(Exception):
    """The broker does not speak this version of MQTT, as far as can be seen."""


class Link:
    """Open with `Link(...)`, which returns once the broker has accepted; any member may raise `Lost`."""

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        version: MQTTProtocolVersion,
        will: tuple[str, bytes],
        receive: Callable[[bytes], None],
    ) -> None:
        self._receive = receive
        self._version = version
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
            client.tls_set_context(address.tls)
        self._open(address)

    def _open(self, address: Address) -> None:
        try:
            self._client.connect(address.host, address.port, keepalive=_KEEPALIVE)
        except ssl.SSLCertVerificationError as error:
            raise Lost(f"its certificate is not accepted ({error.verify_message}), see mqtt.ca_file") from None
        except (OSError, ValueError) as error:
            # ValueError: a host name that no resolver takes.
            raise Lost(getattr(error, "strerror", None) or str(error)) from None
        newest = self._version == MQTTProtocolVersion.MQTTv5
        try:
            self._wait(lambda: self._accepted is not None, _GREETING_SECONDS if newest else _ANSWER_SECONDS)
        except Lost:
            # A refusal is followed by the connection's end.
            if self._accepted is None:
                if newest:
                    raise OnlyOlder from None
                raise
        if self._accepted and self._accepted.is_failure:
            self._client.disconnect()
            if newest and self._accepted.getName() == "Unsupported protocol version":
                raise OnlyOlder
            raise Refused(self._accepted.getName())

    def send(self, topic: str, payload: bytes, *, retain: bool, expires: int | None = None) -> None:
        """Publish with QoS 1 and wait for the acknowledgement; `Refused` when the broker declines it."""
        properties = None
        if expires and self._version == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expires
        number = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties).mid
        self._answer(number)

    def subscribe(self, topic: str) -> None:
        if self._version == MQTTProtocolVersion.MQTTv5:
            # A command that was retained long ago is not for now.
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
            _, number = self._client.subscribe(topic, options=options)
        else:
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

    def _wait(self, arrived: Callable[[], bool], seconds: float = _ANSWER_SECONDS) -> None:
        until = time.monotonic() + seconds
        while not arrived():
            if time.monotonic() > until:
                if socket := self._client.socket():
                    socket.close()
                raise Lost(f"no answer for {seconds:.0f} seconds")
            self.listen(0.25)

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
        if not message.retain:
            self._receive(bytes(message.payload))
