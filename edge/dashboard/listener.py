"""The page's ear on the broker: one subscription, like any other client's, and the commands it may send."""

from __future__ import annotations

import logging
import secrets
import ssl
import sys
import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Literal

import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.enums import CallbackAPIVersion

from edge.dashboard.rooms import Room, Rooms
from edge.publish import Address, signed
from edge.publish.tls import why

__all__ = ["Listener"]

_log = logging.getLogger(__name__)
_AGAIN = 1.0  # seconds until a new client takes the place of one that failed


class Listener(AbstractContextManager["Listener"]):
    """Listens until closed, and connects again whenever the broker is lost."""

    def __init__(self, address: Address, topic: str, *, key: Ed25519PrivateKey | None = None) -> None:
        """With a `key` commands are signed."""
        self.rooms = Rooms()
        self.address = address
        self.trouble: str | None = f"Connecting to {address} …"
        """Why nothing is heard; None while the broker is listened to."""
        self._topic = topic
        self._key = key
        self._closing = threading.Event()
        self._client = self._new_client()
        self._thread = threading.Thread(target=self._listen, name="listen", daemon=True)
        self._thread.start()

    def command(self, room: Room, command: Literal["pause", "resume"]) -> None:
        topic = f"{room.base}/command"
        self._client.publish(topic, signed(topic, command, self._key) if self._key else command, qos=1)

    def close(self) -> None:
        self._closing.set()
        self._client.disconnect()
        self._thread.join(10)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _new_client(self) -> mqtt.Client:
        # Every broker speaks MQTT 3.1.1, and a listener needs no more.
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, f"edge-engage-page-{secrets.token_hex(4)}", protocol=mqtt.MQTTv311
        )
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        # What a message of whatever kind does to us is logged, and the next one heard.
        client.suppress_exceptions = True
        client.enable_logger(_log)
        client.reconnect_delay_set(1, 5)
        if self.address.username is not None or self.address.password is not None:
            client.username_pw_set(self.address.username or "", self.address.password)
        if self.address.tls:
            client.tls_set_context(self.address.tls.context())
        client.connect_async(self.address.host, self.address.port, keepalive=30)
        return client

    def _listen(self) -> None:
        """A client that a broken packet has thrown off its track is replaced: nothing on the wire ends the page."""
        while not self._closing.is_set():
            try:
                self._client.loop_forever(retry_first_connection=True)
            except Exception:  # noqa: BLE001, PERF203 - paho's parser may raise anything
                _log.exception("What %s sent cannot be understood.", self.address)
                self.trouble = f"What {self.address} sends cannot be understood. Trying again."
                self._client.disconnect()
                self._closing.wait(_AGAIN)
                self._client = self._new_client()

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.trouble = f"The broker {self.address} refuses this page: {reason}. Check the account and its password."
        else:
            self.trouble = None
            client.subscribe(self._topic, qos=1)

    def _on_connect_fail(self, _client: mqtt.Client, _data: Any) -> None:
        # paho calls this from where it caught the error, and hands it to nobody.
        error = sys.exc_info()[1]
        reason = f": {why(error)}" if isinstance(error, ssl.SSLError) else ""
        self.trouble = f"The broker {self.address} cannot be reached{reason}. Trying again."

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
