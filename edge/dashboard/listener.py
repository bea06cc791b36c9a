"""The page's ear on the broker: one subscription, like any other client's, and the commands it may send."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Literal

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.dashboard.rooms import Room, Rooms
from edge.publish import Address

__all__ = ["Listener"]


class Listener(AbstractContextManager["Listener"]):
    """Listens until closed, and connects again whenever the broker is lost."""

    def __init__(self, address: Address, topic: str) -> None:
        self.rooms = Rooms()
        self.address = address
        self.trouble: str | None = f"Connecting to {address} …"
        """Why nothing is heard; None while the broker is listened to."""
        self._topic = topic
        # Every broker speaks MQTT 3.1.1, and a listener needs no more.
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, f"edge-engage-page-{secrets.token_hex(4)}", protocol=mqtt.MQTTv311
        )
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 5)
        if address.username is not None or address.password is not None:
            client.username_pw_set(address.username or "", address.password)
        if address.tls:
            client.tls_set_context(address.tls)
        self._client = client
        client.connect_async(address.host, address.port, keepalive=30)
        client.loop_start()

    def command(self, room: Room, command: Literal["pause", "resume"]) -> None:
        self._client.publish(f"{room.base}/command", command, qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.trouble = f"The broker {self.address} refuses this page: {reason}. Check the account and its password."
        else:
            self.trouble = None
            client.subscribe(self._topic, qos=1)

    def _on_connect_fail(self, _client: mqtt.Client, _data: Any) -> None:
        self.trouble = f"The broker {self.address} cannot be reached. Trying again."

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure and self.trouble is None:
            self.trouble = f"The connection to {self.address} was lost. Trying again."

    def _on_subscribe(self, _client: mqtt.Client, _data: Any, _id: Any, reasons: list[Any], _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self.trouble = (
                f"The broker {self.address} does not let this page read {self._topic}. Check its access list."
            )

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self.rooms.hear(message.topic, message.payload, retained=message.retain)
