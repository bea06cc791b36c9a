"""Which broker, as whom, and how the connection is secured."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from edge.errors import Problem
from edge.publish.tls import Tls

__all__ = ["Address", "parse"]

_FORM = "Write it as mqtt://host:1883 or mqtts://host:8883."
_HINT = "A password with / ? # or @ in it belongs in the file that mqtt.password_file names."


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: Tls | None = None

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
    crl_file: str | None = None,
    insecure: bool = False,
) -> Address:
    """Read mqtt://[user[:password]@]host[:port]; mqtts:// is encrypted and checks the broker's certificate.

    `username` and `password` win over those in the address. With `insecure` any certificate will do.
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
    tls = None
    if parts.scheme == "mqtts":
        tls = Tls(ca_file=ca_file, certificate=certificate, key=key, crl_file=crl_file, insecure=insecure)
        tls.context()  # says now, and not when connecting, which file cannot serve
    else:
        files = {"mqtt.ca_file": ca_file, "mqtt.crl_file": crl_file, "mqtt.certificate": certificate, "mqtt.key": key}
        _refuse_ignored(files, parts.hostname)
    return Address(
        host=parts.hostname,
        port=port or (8883 if tls else 1883),
        username=username or (unquote(parts.username) if parts.username else None),
        password=password or (unquote(parts.password) if parts.password else None),
        tls=tls,
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
