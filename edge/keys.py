"""Ed25519 keys: the private one signs, the public one knows what was signed and can sign nothing itself."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from edge.disk import read_within, refuse_open
from edge.errors import Problem

__all__ = ["make_keys", "private_key", "public_key"]

_LARGEST = 2**16
_ADVICE = "Make one with `edge-engage keys`."


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


def public_key(file: Path, setting: str) -> Ed25519PublicKey:
    """The key that `setting` names."""
    try:
        key = load_pem_public_key(read_within(file, _LARGEST))
    except OSError as error:
        raise Problem(f"The public key {file} cannot be read: {error.strerror}. See {setting}.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Problem(f"{file} holds no PEM public key. {_ADVICE}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Problem(f"{file} is no Ed25519 key. {_ADVICE}")
    return key


def private_key(file: Path) -> Ed25519PrivateKey:
    refuse_open(file, "a private key")
    try:
        key = load_pem_private_key(read_within(file, _LARGEST), password=None)
    except OSError as error:
        raise Problem(f"The signing key {file} cannot be read: {error.strerror}. {_ADVICE}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Problem(f"{file} is not an unencrypted private key in PEM. {_ADVICE}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Problem(f"{file} holds a key of another kind than Ed25519. {_ADVICE}")
    return key
