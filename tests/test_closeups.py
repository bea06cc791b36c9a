"""Face crops are told from pictures that have yet to be cut, wherever somebody could take one for the other."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import matplotlib as mpl
import msgspec
import numpy as np
import pytest
from layouts import face, picture, write_csv
from stripes import facts

import convert.cli
from edge.closeups import no_closeups
from edge.vision.crop import crop_faces, whole_image
from train.cli import main

FACE = (150, 60, 190, 190)
"""Of the portrait: left, top, width, height."""


@pytest.fixture(scope="module")
def portrait():
    return cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))


def shown(portrait, count, margin):
    """The face with so much around it, a little elsewhere each time."""
    random = np.random.default_rng(0)
    boxes = np.tile(np.array(FACE, np.float32), (count, 1)) + random.uniform(-6, 6, (count, 4)).astype(np.float32)
    return list(crop_faces(portrait, boxes, size=120, margin=margin))


def test_face_crops_pass_as_tight_or_loose_as_they_are_published(portrait):
    for margin in (0.0, 0.15, 0.4):
        assert no_closeups(shown(portrait, 8, margin)) == ""


def test_pictures_in_which_the_face_is_small_do_not(portrait):
    said = no_closeups(shown(portrait, 8, 1.6))
    assert "the face fills less than half" in said
    assert "train prepare DATA --out FOLDER" in said


def test_nor_do_whole_pictures_squeezed_to_a_faces_size(portrait):
    squeezed = [crop_faces(p, whole_image(p), size=48)[0] for p in shown(portrait, 8, 1.6)]
    assert "the face fills less than half" in no_closeups(squeezed)


def test_nor_do_pictures_far_from_square():
    assert "4 of 4 pictures looked at are far from square" in no_closeups([np.zeros((90, 160), np.uint8)] * 4)


def test_drawings_in_which_nobody_is_found_are_let_pass():
    assert no_closeups([face(n, n % 3) for n in range(16)]) == ""


@pytest.fixture
def raw(portrait, tmp_path):
    """Twenty-four photographs of three people, as far as a table can tell."""
    rows = []
    for n, image in enumerate(shown(portrait, 24, 1.6)):
        picture(tmp_path / "raw" / f"{n}.png", image)
        rows.append((f"{n}.png", ("low", "mid", "high")[n % 3], f"s{n % 6}"))
    return write_csv(tmp_path / "raw" / "own.csv", ("path", "label", "subject"), rows)


def test_audit_warns_train_refuses_and_evaluate_notes(raw, tmp_path, capsys):
    assert main(["audit", str(raw)]) == 0
    assert "WARNING no face crops: In" in capsys.readouterr().out
    words = ["pretrain", "--data", str(raw), "--out", str(tmp_path / "run"), "--network", "cnn", "--side", "16"]
    words += ["--epochs", "1", "--warmup", "0"]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert "train prepare DATA --out FOLDER. Or say --allow." in captured.err
    assert "epoch 1" not in captured.err
    assert main([*words, "--allow"]) == 0
    assert "(no face crops)" in json.loads((tmp_path / "run" / "facts.json").read_bytes())["training"]["audit"]
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(raw)]) == 0
    assert "NOTE  In " in capsys.readouterr().out
    measured = json.loads((tmp_path / "run" / "facts.json").read_bytes())["metrics"][0]
    assert "no face crops" in measured["note"]


def test_convert_notes_it_and_writes_it_into_the_card(raw, tmp_path, capsys):
    import keras

    run, made = tmp_path / "run", tmp_path / "made"
    run.mkdir()
    inputs = keras.Input((48, 48, 1))
    x = keras.layers.Dense(3, activation="softmax")(keras.layers.GlobalAveragePooling2D()(inputs))
    keras.Model(inputs, x).save(run / "model.keras")
    known = facts(kind="engagement")
    known = msgspec.structs.replace(
        known,
        input=msgspec.structs.replace(known.input, width=48, height=48),
        output=msgspec.structs.replace(known.output, labels=("low", "mid", "high")),
    )
    (run / "facts.json").write_bytes(msgspec.json.encode(known))
    words = ["quantize", str(run), "--int8", "--calibration", str(raw), "--samples", "12", "-o", str(made)]
    assert convert.cli.main(words) == 0
    assert "train prepare" in capsys.readouterr().out
    assert "no face crops" in json.loads((made / "card.json").read_bytes())["quantization"]["calibration"]
    assert convert.cli.main(
        ["verify", str(made), "--against", str(run), "--data", str(raw), "--min-agreement", "0"]
    ) in (0, 1)
    assert "NOTE  In " in capsys.readouterr().err
