"""What a configuration allows and a person should know of: said in the log at the start, and in every health."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from edge.config.law import REGION_UNSET
from edge.config.sections import Config

__all__ = ["connection_warnings", "warnings_of"]


def warnings_of(config: Config) -> tuple[str, ...]:
    return (*((REGION_UNSET,) if config.site.region is None else ()), *connection_warnings(config))


def connection_warnings(config: Config) -> tuple[str, ...]:
    """Of these, what concerns the broker."""
    said: list[str] = []
    if config.mqtt.insecure:
        said.append(
            "mqtt.insecure is set: whoever answers is taken for the broker, and may read the records and the password. "
            "Name the broker's authority in mqtt.ca_file, and take mqtt.insecure out."
        )
    parts = urlsplit(config.mqtt.url or "")
    if parts.scheme == "mqtt" and not _this_machine(parts.hostname or ""):
        said.append(
            f"The connection to {parts.hostname} is not encrypted: whoever is on the network may read the records and "
            "the password, and pause the sensor. Use mqtts:// (docs/security.md)."
        )
    return tuple(said)


def _this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
