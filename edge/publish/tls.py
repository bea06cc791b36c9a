"""The encrypted connection: what is asked of the broker's certificate, and in words why it was not enough."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from edge.disk import refuse_open
from edge.errors import Problem

__all__ = ["Tls", "why"]

_OLD = (
    "it speaks only versions of TLS older than 1.2, which are broken. Update the broker, or have it speak 1.2 or newer"
)
_REASONS = {
    "UNSUPPORTED_PROTOCOL": _OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD,
    "WRONG_VERSION_NUMBER": "it does not speak TLS at this port. Encrypted is usually 8883; mqtt:// goes without",
}
"""What OpenSSL calls a failed handshake, and what it means here."""

_UNKNOWN = "an authority signed it that is not known here. Name that authority's certificate in mqtt.ca_file"
_FLAWS = {
    3: "mqtt.crl_file holds no list of the authority that signed it. Fetch that authority's list",
    9: "it is not valid yet. Is the date of this machine right?",
    10: "it has expired. Renew it on the broker; if that is done, is the date of this machine right?",
    12: "the list of revoked certificates in mqtt.crl_file has expired. Fetch a new one",
    18: "it is self-signed. Name it, or the authority of the right one, in mqtt.ca_file",
    19: _UNKNOWN,
    20: _UNKNOWN,
    21: _UNKNOWN,
    23: "it was revoked. Its key may be in wrong hands: give the broker a new key and certificate",
    62: "it is for another host. Write a name that it bears in mqtt.url, or make one for this name",
    64: "it is for another host. Write an address that it bears in mqtt.url, or make one for this address",
}
"""By OpenSSL's number of what is wrong with a certificate (X509_V_ERR_...)."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files rather than a context: whatever is renewed on the disk counts from the next connection on."""

    ca_file: str | None = None
    certificate: str | None = None
    key: str | None = None
    crl_file: str | None = None
    insecure: bool = False
    """Whoever answers is taken for the broker."""

    def context(self) -> ssl.SSLContext:
        """What to connect with; `Problem` where a file cannot serve."""
        for what, file in (
            ("authority's certificate", self.ca_file),
            ("list of revoked certificates", self.crl_file),
            ("certificate", self.certificate),
            ("key", self.key),
        ):
            if file:
                _readable(what, file)
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except ssl.SSLError:
            raise Problem(f"{self.ca_file} holds no certificate. mqtt.ca_file must name a PEM file.") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.crl_file:
            _add_revoked(context, self.crl_file)
        if self.certificate and self.key:
            refuse_open(Path(self.key), "a private key")
            _add_own(context, self.certificate, self.key)
        return context


def _readable(what: str, file: str) -> None:
    try:
        Path(file).read_bytes()
    except OSError as error:
        raise Problem(f"The {what} {file} cannot be read: {error.strerror}.") from None


def _add_revoked(context: ssl.SSLContext, file: str) -> None:
    before = context.cert_store_stats()["crl"]
    try:
        context.load_verify_locations(file)
    except ssl.SSLError:
        before = -1
    if context.cert_store_stats()["crl"] <= max(before, 0):
        raise Problem(f"{file} holds no list of revoked certificates. mqtt.crl_file must name a PEM file with one.")
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def _add_own(context: ssl.SSLContext, certificate: str, key: str) -> None:
    try:
        # A password is given so that an encrypted key is refused here, and not asked for on a terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise Problem(
            f"The certificate {certificate} and the key {key} do not work together: {error}. "
            "Both must be PEM, belong to each other, and the key must not be encrypted."
        ) from None


def why(error: ssl.SSLError) -> str:
    """What kept the two from an encrypted connection, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        flaw = _FLAWS.get(error.verify_code, error.verify_message)
        return f"its certificate is not accepted: {flaw} ({error.verify_message})"
    return _REASONS.get(error.reason or "") or f"no encrypted connection came to be ({error.reason or error})"
