"""The broker that a configuration names, for the sensor and for the page."""

from __future__ import annotations

import os

from edge.config import Config, password
from edge.publish import Address, parse

__all__ = ["broker_of"]


def broker_of(config: Config) -> Address | None:
    """None where no broker is configured."""
    mqtt = config.mqtt
    if mqtt.url is None:
        return None
    return parse(
        mqtt.url,
        username=mqtt.username,
        password=password(mqtt, os.environ),
        ca_file=mqtt.ca_file,
        certificate=mqtt.certificate,
        key=mqtt.key,
        crl_file=mqtt.crl_file,
        insecure=mqtt.insecure,
    )
