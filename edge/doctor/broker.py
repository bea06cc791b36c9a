"""The broker: is it configured, found, reached, trusted, does it let this room in, and may the room speak?"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

from paho.mqtt.enums import MQTTProtocolVersion

from edge.broker import broker_of
from edge.config import Config, connection_warnings
from edge.doctor.finding import Finding, failed
from edge.errors import Problem
from edge.publish import Address
from edge.publish.link import Link, Lost, OnlyOlder, Refused
from edge.publish.tls import why
from edge.publish.topics import Topics

__all__ = ["examine"]

_SECONDS = 5.0


def examine(config: Config, *, in_use: bool) -> Iterator[Finding]:
    """A running sensor's account is not used a second time: the broker would throw the sensor out."""
    try:
        address = broker_of(config)
    except Problem as problem:
        yield failed("broker", problem)
        return
    if address is None:
        yield Finding("broker", "warn", "none is configured, so records are only printed. Set mqtt.url.")
        return
    reached = _reach(address)
    yield reached
    yield from (Finding("encryption", "warn", warning) for warning in connection_warnings(config))
    if reached.grade == "ok" and not in_use:
        yield _speak(address, config)


def _reach(address: Address) -> Finding:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        said = f'nobody here knows a machine called "{address.host}". Check mqtt.url and the network\'s name server.'
        return Finding("broker", "fail", said)
    try:
        plain = socket.create_connection((address.host, address.port), _SECONDS)
    except OSError as error:
        said = f"{address} does not answer: {error.strerror or error}. Is the broker running, and the port open?"
        return Finding("broker", "fail", said)
    with plain:
        if address.tls is None:
            return Finding("broker", "ok", f"{address} answers at {found[0][4][0]}, unencrypted")
        return _trust(address, address.tls.context(), plain)


def _trust(address: Address, tls: ssl.SSLContext, plain: socket.socket) -> Finding:
    try:
        with tls.wrap_socket(plain, server_hostname=address.host) as secure:
            said = f"{address} answers, {secure.version()}, and its certificate is accepted"
            return Finding("broker", "ok", said)
    except ssl.SSLCertVerificationError as error:
        said = f"{address} answers, but {why(error)}."
    except OSError as error:
        said = f"{address} answers, but not with TLS ({error.strerror}). Check the port, and mqtt:// or mqtts://."
    return Finding("broker", "fail", said)


def _speak(address: Address, config: Config) -> Finding:
    """Says what is true while no sensor runs: that this room is offline."""
    topics = Topics(config.site.site, config.site.room)
    place = f"{config.site.site}/{config.site.room}"
    client = config.mqtt.client_id or f"edge-engage-{config.site.site}-{config.site.room}"
    try:
        link = _link(address, client, topics)
        try:
            began = time.perf_counter()
            link.send(topics.availability, b"offline", retain=True)
            took = time.perf_counter() - began
            link.subscribe(topics.command)
        finally:
            link.close()
    except Refused as refused:
        said = f"the broker refuses {place}: {refused} If the account is right, see the broker's access list."
        return Finding("account", "fail", said)
    except Lost as lost:
        return Finding("account", "fail", f"the broker ended the talk: {lost}.")
    return Finding("account", "ok", f"{place} may speak and hear its commands; an answer takes {took * 1000:.0f} ms")


def _link(address: Address, client: str, topics: Topics) -> Link:
    def opened(version: MQTTProtocolVersion) -> Link:
        return Link(
            address,
            client,
            version=version,
            will=(topics.availability, b"offline"),
            receive=lambda _payload: None,
            give_up=lambda: False,
            greeting=_SECONDS,
        )

    try:
        return opened(MQTTProtocolVersion.MQTTv5)
    except OnlyOlder:
        return opened(MQTTProtocolVersion.MQTTv311)
