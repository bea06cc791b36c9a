"""A bundle is trusted only when everything in it is what its card says."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.errors import Problem
from edge.model import bundle


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle.shipped("engagement"), tmp_path / "bundle"))


def edit(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))


@pytest.mark.parametrize("name", ["engagement", "expressions"])
def test_shipped_bundles_are_whole(name: str) -> None:
    loaded = bundle.load(bundle.shipped(name), kind=name)
    assert loaded.id == f"{loaded.card.name}@{loaded.card.files['model.tflite'][:8]}"
    assert loaded.card.training
    assert loaded.card.metrics


def test_one_flipped_bit_is_refused_and_named(copy: Path) -> None:
    model = bytearray((copy / "model.tflite").read_bytes())
    model[len(model) // 2] ^= 1
    (copy / "model.tflite").write_bytes(model)
    with pytest.raises(Problem, match=r"model\.tflite does not match its card"):
        bundle.load(copy, kind="engagement")


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "model.tflite").unlink()
    with pytest.raises(Problem, match=r"model\.tflite cannot be read: No such file"):
        bundle.load(copy, kind="engagement")


def test_a_bundle_of_another_kind_is_refused(copy: Path) -> None:
    with pytest.raises(Problem, match="a bundle for engagement, but one for detector"):
        bundle.load(copy, kind="detector")


def test_a_card_from_the_future_says_to_update(copy: Path) -> None:
    edit(copy, card=99, something_new=True)
    with pytest.raises(Problem, match=r"version 99.*Update edge-engage"):
        bundle.load(copy, kind="engagement")


def parts_of(card: object) -> Iterator[dict[str, object]]:
    """Every object in it, but for lists of files and levels, whose names are free."""
    if isinstance(card, list):
        for one in card:
            yield from parts_of(one)
    elif isinstance(card, dict):
        yield card
        for name, value in card.items():
            if name not in ("files", "levels"):
                yield from parts_of(value)


@pytest.mark.parametrize("name", ["engagement", "detector"])
def test_an_unknown_field_anywhere_in_a_card_is_refused(name: str, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle.shipped(name), tmp_path / "bundle"))
    card = json.loads((copy / "card.json").read_text())
    seen = list(parts_of(card))
    for part in seen:
        part["wisdom"] = 1
        (copy / "card.json").write_text(json.dumps(card))
        with pytest.raises(Problem, match="wisdom"):
            bundle.load(copy, kind=None)
        del part["wisdom"]
    assert len(seen) >= 4


@pytest.mark.parametrize("name", ["engagement", "expressions", "detector", "detector-blazeface"])
def test_a_card_read_and_written_again_is_the_same(name: str) -> None:
    loaded = bundle.load(bundle.shipped(name), kind=None)
    written = (bundle.shipped(name) / "card.json").read_bytes()
    assert {"card": loaded.card.card, **json.loads(msgspec.json.encode(loaded.card))} == json.loads(written)


def test_a_card_larger_than_any_card_is_not_read(copy: Path) -> None:
    card = (copy / "card.json").read_text()
    (copy / "card.json").write_text(card + " " * 2**20)
    with pytest.raises(Problem, match="it is larger than 1,048,576 bytes"):
        bundle.load(copy, kind="engagement")


def test_a_card_cannot_reach_outside_its_folder(copy: Path) -> None:
    edit(copy, files={"../../etc/passwd": "0" * 64})
    with pytest.raises(Problem, match="outside the bundle"):
        bundle.load(copy, kind="engagement")


@pytest.mark.parametrize("name", ["card.json", "model.tflite", "card.sig", "key.pem"])
@pytest.mark.parametrize("endless", ["device", "pipe", "large"])
def test_an_endless_file_is_not_read_to_its_end(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, endless: str
) -> None:
    private, public = keys(tmp_path)
    (copy / "card.sig").write_bytes(private.sign((copy / "card.json").read_bytes()))
    file = public.rename(tmp_path / "key.pem") if name == "key.pem" else copy / name
    file.unlink(missing_ok=True)
    if endless == "device":
        file.symlink_to("/dev/zero")
    elif endless == "pipe":
        os.mkfifo(file)
    else:
        monkeypatch.setattr(bundle, "_LARGEST", 2**21)
        with file.open("wb") as opened:
            opened.truncate(2**32)
    with pytest.raises(Problem, match=r"it is no regular file|it is larger than|is not signed"):
        bundle.load(copy, kind="engagement", public_key=tmp_path / "key.pem" if name == "key.pem" else public)


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"card\.json cannot be read"):
        bundle.load(tmp_path, kind="engagement")


def keys(folder: Path) -> tuple[Ed25519PrivateKey, Path]:
    private = Ed25519PrivateKey.generate()
    public = folder / "public.pem"
    public.write_bytes(
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def test_a_signed_bundle_is_accepted_and_an_edited_one_refused(copy: Path, tmp_path: Path) -> None:
    private, public = keys(tmp_path)
    (copy / "card.sig").write_bytes(private.sign((copy / "card.json").read_bytes()))
    assert bundle.load(copy, kind="engagement", public_key=public).card.name
    edit(copy, licence="mine now")
    with pytest.raises(Problem, match="not signed by the holder"):
        bundle.load(copy, kind="engagement", public_key=public)


def test_an_unsigned_bundle_is_refused_where_a_key_is_configured(copy: Path, tmp_path: Path) -> None:
    _, public = keys(tmp_path)
    (copy / "card.sig").unlink(missing_ok=True)
    with pytest.raises(Problem, match="is not signed"):
        bundle.load(copy, kind="engagement", public_key=public)


def test_no_other_folder_is_trusted_for_being_called_bundles(copy: Path, tmp_path: Path) -> None:
    _, public = keys(tmp_path)
    (tmp_path / "bundles").mkdir()
    elsewhere = copy.rename(tmp_path / "bundles" / "engagement")
    with pytest.raises(Problem, match="is not signed"):
        bundle.load(elsewhere, kind="engagement", public_key=public)


def test_a_link_out_of_the_shipped_folder_is_not_trusted(copy: Path, tmp_path: Path, monkeypatch) -> None:
    _, public = keys(tmp_path)
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "engagement").symlink_to(copy)
    monkeypatch.setattr(bundle, "_SHIPPED", shipped)
    with pytest.raises(Problem, match="is not signed"):
        bundle.load(shipped / "engagement", kind="engagement", public_key=public)


def test_what_came_with_the_program_needs_no_signature_of_the_owner(tmp_path: Path) -> None:
    _, public = keys(tmp_path)
    assert bundle.load(bundle.shipped("detector"), kind="detector", public_key=public).card.name


def test_a_missing_key_is_said_though_only_shipped_bundles_are_in_use(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"public key .*gone\.pem cannot be read: .*model\.public_key"):
        bundle.load(bundle.shipped("detector"), kind="detector", public_key=tmp_path / "gone.pem")


def test_a_key_of_another_kind_is_said(copy: Path, tmp_path: Path) -> None:
    other = X25519PrivateKey.generate().public_key()
    (tmp_path / "key").write_bytes(
        other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(Problem, match="no Ed25519 key"):
        bundle.load(copy, kind="engagement", public_key=tmp_path / "key")


def test_a_key_that_is_none_is_said(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hello")
    with pytest.raises(Problem, match="no PEM public key"):
        bundle.load(copy, kind="engagement", public_key=tmp_path / "key")
