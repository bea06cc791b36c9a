"""`--json` prints strict JSON and nothing else, in every command of all three programs that has it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from layouts import face, picture, wacv2016, write_csv
from portrait import cuts

import convert.cli
import edge.cli
import train.cli
from edge.model.card import Facts, Input, Output

LABELS = ("low", "mid", "high")
CLIP = Path(__file__).parents[1] / "edge" / "demo" / "classroom.mp4"
QUICK = ["--network", "edge-net", "--side", "16", "--epochs", "1", "--batch", "16"]
ASKED = {
    "train audit": ["{wacv}", "--allow"],
    "train prepare": ["{portraits}", "--out", "{out}"],
    "train evaluate": ["{run}", "--data", "{wacv}", "--out", "{out}"],
    "train evaluate without twins": ["{run}", "--data", "{split}", "--split", "test", "--without-twins"],
    "train evaluate folds": ["--folds", "2", "--data", "{wacv}", "--out", "{out}", *QUICK],
    "train explain": ["{run}", "--data", "{wacv}", "--count", "3", "--out", "{out}"],
    "train compare": ["{predicted}", "{predicted}"],
    "train calibrate": ["{run}", "--folds-from", "{predicted}"],
    "convert inspect": ["{bundle}"],
    "convert verify": ["{bundle}", "--against", "{run}", "--data", "{npz}"],
    "edge-engage run": ["--source", str(CLIP), "--unpaced", "--windows", "1"],
    "edge-engage privacy": [],
    "edge-engage bench": ["--source", str(CLIP), "--seconds", "1"],
    "edge-engage doctor": ["--source", str(CLIP)],
    "edge-engage bench faces": ["--faces", "{portrait}"],
}


def test_no_command_with_json_is_forgotten():
    programs = {
        "train": train.cli.parser(tuple(train.cli.COMMANDS)),
        "convert": convert.cli._parser(),
        "edge-engage": edge.cli._parser(),
    }
    able = {" ".join(words) for name, parser in programs.items() for words in _with_json(parser, (name,))}
    asked = {command for command in able if any(name.startswith(command) for name in ASKED)}
    assert able == asked
    assert len(able) > 8


@pytest.mark.parametrize("name", ASKED)
def test_json_and_nothing_else_is_printed(name, places, tmp_path, capfd):
    program, command, *_ = name.split()
    words = [word.format(**places, out=tmp_path / "out") for word in ASKED[name]]
    if program == "edge-engage":
        done = subprocess.run(
            [sys.executable, "-m", "edge.cli", command, *words, "--json"], capture_output=True, text=True, check=False
        )
        printed = done.stdout
    else:
        {"train": train.cli.main, "convert": convert.cli.main}[program]([command, *words, "--json"])
        printed, said = capfd.readouterr()
        assert printed, said
    assert isinstance(_strictly(printed), dict)


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("json")
    made = {
        "wacv": wacv2016(folder / "wacv", subjects=6, each=2),
        "portraits": _portraits(folder / "portraits"),
        "portrait": _labelled(folder / "portrait"),
        "split": _split(folder / "split"),
        "run": _run(folder / "run"),
        "predicted": _predicted(folder / "predicted"),
        "npz": folder / "low-only.npz",
    }
    # No picture of two labels: what cannot be known of them is no number.
    x = np.random.default_rng(0).integers(0, 256, (12, 48, 48), np.uint8)
    np.savez(made["npz"], x=x, y=np.zeros(12, np.int64), labels=np.array(LABELS))
    made["bundle"] = folder / "bundle"
    assert convert.cli.main(["quantize", str(made["run"]), "--float32", "-o", str(made["bundle"])]) == 0
    return made


def _with_json(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if "--json" in parser._option_string_actions:
        yield words
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield from _with_json(command, (*words, name))


def _strictly(text: str) -> object:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _portraits(folder: Path) -> Path:
    for number, cut in enumerate(cuts(3)):
        picture(folder / "dataset" / "123"[number] / f"img{number}_0.jpg", cut)
    return folder


def _labelled(folder: Path) -> Path:
    picture(folder / "face.png", cv2.cvtColor(face(1, 1, size=200), cv2.COLOR_GRAY2BGR))
    (folder / "boxes.json").write_text('{"face.png": [[50, 40, 100, 120]]}')
    return folder


def _split(folder: Path) -> Path:
    rows = []
    for n in range(12):
        picture(folder / f"{n}.png", face(n, n % 3))
        rows.append((f"{n}.png", LABELS[n % 3], f"s{n}", "test" if n > 7 else "train"))
    return write_csv(folder / "manifest.csv", ("path", "label", "subject", "split"), rows)


def _run(folder: Path) -> Path:
    import keras

    layers = keras.layers
    folder.mkdir()
    inputs = keras.Input((48, 48, 1))
    features = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, strides=4)(inputs))
    keras.Model(inputs, layers.Softmax()(layers.Dense(3)(features))).save(folder / "model.keras")
    facts = Facts(
        kind="engagement",
        name="small",
        input=Input(width=48, height=48, channels=1, normalization="standard"),
        output=Output(labels=LABELS, activation="softmax"),
        licence="none",
        origin="tests",
        intended_use="tests",
    )
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts))
    return folder


def _predicted(folder: Path) -> Path:
    """What an evaluation of six people leaves behind."""
    draw = np.random.default_rng(0)
    p, y = draw.dirichlet(np.ones(3), 60).astype(np.float32), draw.integers(0, 3, 60)
    rows = [(f"{n}.png", f"s{n % 6}", LABELS[y[n]], LABELS[p[n].argmax()], *p[n]) for n in range(60)]
    write_csv(folder / "predictions" / "3-folds.csv", ("origin", "subject", "label", "predicted", *LABELS), rows)
    np.save(folder / "predictions" / "3-folds_f.npy", p)
    return folder
