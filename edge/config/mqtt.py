"""The section of the broker."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from edge.config.described import FILE_EXPECTED as _FILE_EXPECTED
from edge.config.described import NAME as _NAME
from edge.config.described import NAME_EXPECTED as _NAME_EXPECTED
from edge.config.described import Section as _Section
from edge.config.described import Text as _Text
from edge.config.described import described as _is

__all__ = ["Mqtt"]


class Mqtt(_Section, frozen=True):
    """The broker. The password is no key: see docs/configuration.md."""

    url: Annotated[
        Annotated[str, Meta(pattern=r"^mqtts?://([^/\s]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/@:\[\]]+)(:[0-9]{1,5})?/?\Z")]
        | None,
        _is(
            "The broker's address; mqtts:// is encrypted. Without it, records are printed.",
            'an address such as "mqtt://broker.example:1883" or "mqtts://broker.example:8883"',
            "mqtts://broker.example:8883",
        ),
    ] = None
    username: Annotated[_Text | None, _is("The account on the broker.", example="school/room-12")] = None
    password_file: Annotated[
        _Text | None, _is("A file that holds the password.", _FILE_EXPECTED, "/etc/edge-engage/mqtt-password")
    ] = None
    ca_file: Annotated[
        _Text | None,
        _is(
            "The authority that signed the broker's certificate (PEM). Without it, the system's authorities.",
            _FILE_EXPECTED,
            "/etc/edge-engage/ca.crt",
        ),
    ] = None
    certificate: Annotated[
        _Text | None,
        _is(
            "The sensor's own certificate (PEM), for brokers that ask for one.",
            _FILE_EXPECTED,
            "/etc/edge-engage/room.crt",
        ),
    ] = None
    key: Annotated[
        _Text | None, _is("The key of that certificate (PEM).", _FILE_EXPECTED, "/etc/edge-engage/room.key")
    ] = None
    crl_file: Annotated[
        _Text | None,
        _is(
            "The authority's list of revoked certificates (PEM). With it, a revoked broker is refused.",
            _FILE_EXPECTED,
            "/etc/edge-engage/ca.crl",
        ),
    ] = None
    insecure: Annotated[
        bool, _is("Take any certificate of any broker, for a try; health warns of it while it is set.")
    ] = False
    command_key: Annotated[
        _Text | None,
        _is(
            "Ed25519 public key (PEM). With it, pause and resume must be signed by its owner: see docs/security.md.",
            _FILE_EXPECTED,
            "/etc/edge-engage/command.pub.pem",
        ),
    ] = None
    client_id: Annotated[
        _NAME | None,
        _is("The name shown to the broker. Without it, made of site and room.", _NAME_EXPECTED, "edge-engage-room-12"),
    ] = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("mqtt.certificate and mqtt.key belong together. Give both or neither.")
        if self.username and self.url and "@" in self.url:
            raise ValueError("the account is named twice, in mqtt.username and in mqtt.url. Take it out of mqtt.url.")
        if self.url and self.url.startswith("mqtt:") and (self.ca_file or self.crl_file or self.certificate):
            raise ValueError(
                "mqtt.url is mqtt://, which is not encrypted and makes no use of mqtt.ca_file, mqtt.crl_file, "
                "mqtt.certificate and mqtt.key. Write mqtts:// in mqtt.url, or take them out."
            )
        if self.insecure and (self.ca_file or self.crl_file):
            raise ValueError(
                "mqtt.insecure takes any certificate and makes no use of mqtt.ca_file and mqtt.crl_file. "
                "Take mqtt.insecure out, or them."
            )
