"""Which broker, as whom, and how the connection is secured."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from edge.errors import Problem

__all__ = ["Address", "parse"]

_FORM = "Write it as mqtt://host:1883 or mqtts://host:8883."


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        """For messages; never holds the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"<Address {self}>"


def parse(
    url: str,
    *,
    username: str | None = None,
    password: str | None = None,
    ca_file: str | None = None,
    certificate: str | None = None,
    key: str | None = None,
) -> Address:
    """Read mqtt://[user[:password]@]host[:port]; mqtts:// is encrypted and checks the broker's certificate.

    `username` and `password` win over those in the address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Problem(f"The broker's address is not right: {error}. {_FORM}") from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path not in ("", "/"):
        raise Problem(f'The broker\'s address "{url.rpartition("@")[2]}" is not right. {_FORM}')
    encrypted = parts.scheme == "mqtts"
    return Address(
        host=parts.hostname,
        port=port or (8883 if encrypted else 1883),
        username=username or (unquote(parts.username) if parts.username else None),
        password=password or (unquote(parts.password) if parts.password else None),
        tls=_context(ca_file, certificate, key) if encrypted else None,
    )


def _context(ca_file: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    for what, file in (("authority's certificate", ca_file), ("certificate", certificate), ("key", key)):
        if file:
            try:
                Path(file).read_bytes()
            except OSError as error:
                raise Problem(f"The {what} {file} cannot be read: {error.strerror}.") from None
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise Problem(f"{ca_file} holds no certificate. mqtt.ca_file must name a PEM file.") from None
    if certificate and key:
        try:
            # A password is given so that an encrypted key is refused here, and not asked for on a terminal.
            context.load_cert_chain(certificate, key, password="")
        except (ssl.SSLError, ValueError) as error:
            raise Problem(
                f"The certificate {certificate} and the key {key} do not work together: {error}. "
                "Both must be PEM, belong to each other, and the key must not be encrypted."
            ) from None
    return context
