"""A certificate authority that makes good certificates, and every kind of bad one."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

__all__ = ["Authority"]

_NOW = datetime.now(timezone.utc)
_ALWAYS = (-365.0, 365.0)  # days from now


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._name, self._key = _name(name), ec.generate_private_key(ec.SECP256R1())
        self.file = folder / "ca.crt"
        made = self._certificate(self._name, self._key, _ALWAYS).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(
        self,
        name: str,
        host: str = "127.0.0.1",
        days: tuple[float, float] = _ALWAYS,
        *,
        by_itself: bool = False,
    ) -> tuple[Path, Path]:
        """A certificate and its key, good from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = _name(name) if by_itself else self._name
        made = self._certificate(_name(name), key, days, issuer).add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False
        )
        files = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        files[0].write_bytes(made.sign(key if by_itself else self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    def revoked(self, *certificates: Path, days: tuple[float, float] = _ALWAYS) -> str:
        """The path of a new list of what is revoked."""
        made = x509.CertificateRevocationListBuilder(self._name, *(_NOW + timedelta(days=d) for d in days))
        for file in certificates:
            number = x509.load_pem_x509_certificate(file.read_bytes()).serial_number
            entry = x509.RevokedCertificateBuilder(number, _NOW - timedelta(days=1)).build()
            made = made.add_revoked_certificate(entry)
        file = self.folder / "ca.crl"
        file.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        return str(file)

    def _certificate(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        days: tuple[float, float],
        issuer: x509.Name | None = None,
    ) -> x509.CertificateBuilder:
        start, end = (_NOW + timedelta(days=d) for d in days)
        return x509.CertificateBuilder(
            issuer or self._name, name, key.public_key(), x509.random_serial_number(), start, end
        )
