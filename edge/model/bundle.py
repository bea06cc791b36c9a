"""A model bundle: a folder the device trusts only after every file in it has been checked and its network tried."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.disk import read_within
from edge.errors import Problem
from edge.keys import public_key as read_key
from edge.model.card import CARD_VERSION, Card, Kind
from edge.model.trial import try_out

__all__ = ["CARD", "EDGETPU", "MODEL", "SIGNATURE", "Bundle", "load", "read", "shipped"]

CARD = "card.json"
SIGNATURE = "card.sig"
MODEL = "model.tflite"
EDGETPU = "model_edgetpu.tflite"

_LARGEST = 256 * 2**20
_LARGEST_TEXT = 2**20  # a card, a signature

_SHIPPED = Path(__file__).parent.parent / "bundles"


@dataclass(frozen=True, slots=True)
class Bundle:
    path: Path
    card: Card
    model: bytes
    edgetpu: bytes | None

    @property
    def id(self) -> str:
        """Name and the first eight of the 64 digits of the model's SHA-256, as records carry it: `er-int8@3f9c21ab`."""
        return f"{self.card.name}@{self.card.files[MODEL][:8]}"


def shipped(name: str) -> Path:
    """The folder of a bundle that came with this program."""
    return _SHIPPED / name


def load(path: Path, *, kind: Kind | None, public_key: Path | None = None) -> Bundle:
    """Read, verify and try a bundle, or refuse it and name the file and the mismatch.

    With no `kind`, as on a desktop, it may be of any, and look at several frames at once.

    With a public key the card must carry a valid Ed25519 signature; the card in turn vouches for
    every file by its hash. What came with this program is trusted as the program is, and not signed.
    """
    raw = read(path / CARD, text=True)
    if public_key is not None:
        # Read for every bundle: a missing or broken key is reported even while only shipped ones are in use.
        key = read_key(public_key, "model.public_key")
        if path.resolve().parent != _SHIPPED.resolve():
            _check_signature(path, raw, key, public_key)
    card = _card(path / CARD, raw)
    if kind is not None and card.kind != kind:
        raise Problem(f"{path} is a bundle for {card.kind}, but one for {kind} is needed here.")
    if MODEL not in card.files:
        raise Problem(f"{path / CARD} names no {MODEL}. Pack the bundle again with `convert bundle`.")
    contents: dict[str, bytes] = {}
    for name, digest in card.files.items():
        content = _checked(path / name, digest)
        if name in (MODEL, EDGETPU):
            contents[name] = content
    try_out(card, contents[MODEL], path, sequences=kind is None)
    return Bundle(path, card, contents[MODEL], contents.get(EDGETPU))


def read(file: Path, *, text: bool = False) -> bytes:
    """A file of a bundle."""
    try:
        return read_within(file, _LARGEST_TEXT if text else _LARGEST)
    except OSError as error:
        raise Problem(
            f"{file} cannot be read: {error.strerror}. A bundle is a folder made by `convert bundle`."
        ) from None


def _card(file: Path, raw: bytes) -> Card:
    try:
        version = msgspec.json.decode(raw, type=dict[str, object]).get("card")
        if isinstance(version, int) and version > CARD_VERSION:
            raise Problem(
                f"{file} is of version {version}; this program reads up to {CARD_VERSION}. Update edge-engage."
            )
        card = msgspec.json.decode(raw, type=Card)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(f"{file} is damaged or not a card: {error}. Copy the bundle again.") from None
    outside = [name for name in card.files if Path(name).name != name]
    if outside:
        raise Problem(f"{file} names a file outside the bundle: {outside[0]!r}. Do not use this bundle.")
    return card


def _checked(file: Path, expected: str) -> bytes:
    content = read(file)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise Problem(
            f"{file} does not match its card (SHA-256 {found[:12]}…, expected {expected[:12]}…). Copy the bundle again."
        )
    return content


def _check_signature(path: Path, raw: bytes, key: Ed25519PublicKey, file: Path) -> None:
    if not (path / SIGNATURE).is_file():
        raise Problem(f"{path} is not signed. Sign it with `convert bundle {path} --sign KEY -o FOLDER`.")
    try:
        key.verify(read(path / SIGNATURE, text=True), raw)
    except InvalidSignature:
        raise Problem(
            f"{path / CARD} is not signed by the holder of {file}. "
            "The bundle was edited after signing, or comes from someone else."
        ) from None
