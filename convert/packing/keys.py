"""Ed25519 key pairs for bundles: the private one signs here, the public one goes to the devices."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from edge.errors import Problem

__all__ = ["make_keys"]


def make_keys(private: Path) -> Path:
    """Write a new pair; an existing key is never replaced. Returns the public key's path."""
    public = private.with_suffix(".pub.pem")
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    open_text = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    made: list[Path] = []
    try:
        for path, content, mode in ((private, secret, 0o600), (public, open_text, 0o644)):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                made.append(path)
                file.write(content)
    except OSError as error:
        for half in made:
            half.unlink()
        where = error.filename or made[-1]
        raise Problem(f"{where} could not be written: {error.strerror}. No key was replaced.") from None
    return public
