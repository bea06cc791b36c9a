"""Which broker, as whom, and how the connection is secured."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from edge.errors import Problem

__all__ = ["Address", "parse"]

_FORM = "Write it as mqtt://host:1883 or mqtts://host:8883."
_HINT = "A password with / ? # or @ in it belongs in the file that mqtt.password_file names."


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
        # A name that no resolver takes raises here, and not in the thread that connects.
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise _wrong(url) from None
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise _wrong(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _wrong(url)
    encrypted = parts.scheme == "mqtts"
    if not encrypted:
        _refuse_ignored({"mqtt.ca_file": ca_file, "mqtt.certificate": certificate, "mqtt.key": key}, parts.hostname)
    return Address(
        host=parts.hostname,
        port=port or (8883 if encrypted else 1883),
        username=username or (unquote(parts.username) if parts.username else None),
        password=password or (unquote(parts.password) if parts.password else None),
        tls=_context(ca_file, certificate, key) if encrypted else None,
    )


def _wrong(url: str) -> Problem:
    """Shows only what follows the account: in a badly written address the password may stand anywhere before."""
    _, account, place = url.rpartition("@")
    return Problem(f'The broker\'s address "{place}" is not right. {_FORM}' + (f" {_HINT}" if account else ""))


def _refuse_ignored(files: dict[str, str | None], host: str) -> None:
    """Whoever names a certificate expects encryption; mqtt:// would send the password as it is."""
    given = [name for name, file in files.items() if file]
    if given:
        raise Problem(
            f"mqtt:// is not encrypted and makes no use of {' and '.join(given)}. "
            f"Write mqtts://{host}:8883 in mqtt.url, or take {'them' if len(given) > 1 else 'it'} out."
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
