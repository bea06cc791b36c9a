"""Packs a bundle: the folder a device trusts, with the card that says what it holds and why to believe it.

The same input always gives the same bytes. A bundle is whole or not there, and a new one takes the place of an old one
in one step where the system can do that (Linux). Elsewhere, a crash between two renames leaves the old one beside its
place, as `.NAME.old-NUMBER`: rename it back.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from convert.packing.exchange import exchange
from convert.packing.readme import licence_notice, readme
from edge.disk import settle
from edge.errors import Problem
from edge.keys import private_key
from edge.model.bundle import CARD, MODEL, SIGNATURE
from edge.model.card import CARD_VERSION, Card, Facts, Quantization
from edge.model.subjects import travelling
from edge.model.trial import try_out

__all__ = ["pack", "ready"]


def pack(
    destination: Path,
    facts: Facts,
    quantization: Quantization,
    files: Mapping[str, bytes],
    *,
    sign: Path | None = None,
) -> Path:
    """Write the bundle to the folder `destination`, replacing an older bundle there.

    What the device would refuse is refused here, but for networks of sequences, which a desktop can use.
    `sign` names an Ed25519 private key in PEM; the signature covers `card.json`, and the card covers every other
    file by its SHA-256.
    """
    for name in files:
        if name != Path(name).name or name in {CARD, SIGNATURE}:
            raise Problem(f"A bundle cannot hold a file called {name!r}. Use a plain file name.")
    if MODEL not in files:
        raise Problem(f"A bundle holds a {MODEL}, and none was given.")
    try_out(facts, files[MODEL], facts.name, sequences=True)
    contents = {
        "README.md": readme(facts, quantization, {name: len(data) for name, data in files.items()}).encode(),
        "LICENSE": licence_notice(facts).encode(),
        **files,
    }
    card = Card(
        **{field: getattr(facts, field) for field in Facts.__struct_fields__ if field != "training"},
        training=facts.training and travelling(facts.training),
        card=CARD_VERSION,
        files={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
        quantization=quantization,
    )
    # Defaults are left out of a card, but its version must stand in every one.
    builtins = {**msgspec.to_builtins(card), "card": CARD_VERSION}
    encoded = msgspec.json.format(msgspec.json.encode(builtins, order="sorted"), indent=2) + b"\n"
    contents[CARD] = encoded
    if sign is not None:
        contents[SIGNATURE] = private_key(sign).sign(encoded)
    _write_whole(destination, contents)
    return destination


def ready(destination: Path, sign: Path | None) -> None:
    """Refuse at once what `pack` would refuse after the long work before it."""
    _left_alone(destination.absolute())
    if sign is not None:
        private_key(sign)


def _write_whole(destination: Path, contents: Mapping[str, bytes]) -> None:
    """Write beside the destination first, so that a full disk or a power cut leaves the old bundle as it was."""
    destination = destination.resolve()
    _left_alone(destination)
    fresh = destination.with_name(f".{destination.name}.new-{os.getpid()}")
    old = destination.with_name(f".{destination.name}.old-{os.getpid()}")
    try:
        fresh.mkdir(parents=True)
        for name in sorted(contents):
            with (fresh / name).open("wb") as file:
                file.write(contents[name])
                file.flush()
                os.fsync(file.fileno())
        settle(fresh)
        if not destination.exists():
            fresh.rename(destination)
        elif not exchange(fresh, destination):
            destination.rename(old)
            fresh.rename(destination)
        settle(destination.parent)
    except OSError as error:
        if old.exists() and not destination.exists():
            old.rename(destination)
        raise Problem(
            f"The bundle could not be written to {destination}: {error.strerror}. Nothing was changed there."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if destination.exists():
            shutil.rmtree(old, ignore_errors=True)


def _left_alone(destination: Path) -> None:
    holds_anything = destination.exists() and (not destination.is_dir() or any(destination.iterdir()))
    if holds_anything and not (destination / CARD).is_file():
        raise Problem(f"{destination} exists and is not a bundle; it is left alone. Choose another folder.")
