"""Packs what is already converted: a TFLite file with its facts, or a bundle that is to be signed or completed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

import msgspec

from convert.graph.flatbuffer import parse
from convert.network.source import facts_of
from convert.packing.bundle import pack
from convert.packing.levels import with_levels
from edge.errors import Problem
from edge.model import bundle
from edge.model.card import Card, Facts, Quantization

__all__ = ["open_bundle", "repack"]

_GENERATED = {"README.md", "LICENSE"}


def open_bundle(path: Path) -> bundle.Bundle:
    """Load and verify a bundle of any kind."""
    try:
        kind = msgspec.json.decode((path / bundle.CARD).read_bytes(), type=dict[str, object]).get("kind")
    except (OSError, msgspec.DecodeError):
        kind = None  # the loader says what is wrong
    return bundle.load(path, kind=cast("Literal['engagement']", kind))


def repack(
    source: Path,
    destination: Path,
    *,
    model: Path | None,
    edgetpu: Path | None,
    levels: Sequence[str] | None = None,
    sign: Path | None,
) -> Path:
    """From a bundle, or from a folder with facts.json and a TFLite file."""
    if (source / bundle.CARD).is_file():
        if model is not None:
            raise Problem(f"{source} is a bundle and has its model already. Leave out --model.")
        opened = open_bundle(source)
        facts, quantization = _facts(opened.card), opened.card.quantization
        files = {name: (source / name).read_bytes() for name in opened.card.files if name not in _GENERATED}
    else:
        if model is None:
            raise Problem(f"{source} is not a bundle. Name the TFLite file with --model.")
        facts = facts_of(source, None)
        files = {bundle.MODEL: _read(model)}
        quantization = _quantization(files[bundle.MODEL], str(model))
    if edgetpu is not None:
        files[bundle.EDGETPU] = _read(edgetpu)
        quantization = msgspec.structs.replace(quantization, edgetpu="compiled elsewhere and added")
    return pack(destination, with_levels(facts, levels), quantization, files, sign=sign)


def _facts(card: Card) -> Facts:
    return Facts(**{field: getattr(card, field) for field in Facts.__struct_fields__})


def _quantization(content: bytes, name: str) -> Quantization:
    graph = parse(content, name)
    given = graph.tensors[graph.inputs[0]].dtype
    dtype = cast("Literal['int8', 'uint8', 'float32']", given if given in ("int8", "uint8") else "float32")
    return Quantization(dtype=dtype, method="packed as it was; not converted by this program")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from None
