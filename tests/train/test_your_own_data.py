"""docs/your-own-data.md, run as it stands there: from raw pictures to a record on a broker."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import jsonschema
import matplotlib as mpl
import numpy as np
import pytest
from broker import Ear, Mosquitto, eventually
from layouts import picture, write_csv

import convert.cli
import train.cli
from edge.model import bundle
from train.judging.scorer import read_facts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-own-data.md").read_text(encoding="utf-8")
LABELS = ("bored", "listening", "keen")
PEOPLE = 6


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def portrait_of(person: int, label: int) -> np.ndarray:
    """A public-domain portrait as several people, stretched and lit otherwise; hand and glasses tell the label."""
    image = cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    if LABELS[label] == "bored":
        cv2.rectangle(image, (197, 254), (336, 330), (225, 215, 205), -1)
    if LABELS[label] == "keen":
        cv2.rectangle(image, (190, 176), (344, 217), (25, 25, 25), -1)
    image = cv2.resize(image, (round(512 * (0.85 + 0.06 * person)), 600))
    noise = np.random.default_rng((person, label)).normal(0, 4, image.shape)
    return np.clip(image * (0.8 + 0.05 * person) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A folder in which every command of the page has been run, and what each of them printed."""
    folder, rows = tmp_path_factory.mktemp("own"), []
    for person in range(PEOPLE):
        for label, name in enumerate(LABELS):
            for take in range(2):
                file = f"pictures/p{person}-{name}-{take}.jpg"
                picture(folder / file, portrait_of(person, label))
                rows.append((file, name, f"p{person}"))
    write_csv(folder / "pictures.csv", ("path", "label", "subject"), rows)
    (folder / "train").mkdir()
    (folder / "train" / "weights").symlink_to(ROOT / "train" / "weights")
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in block("sh").splitlines():
            program, *words = shlex.split(line)
            said[" ".join([program, words[0]])] = _run(program, words)
    return folder, said


def _run(program: str, words: list[str]) -> str:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = {"train": train.cli.main, "convert": convert.cli.main}[program](words)
    assert code == 0, (program, words, out.getvalue())
    return out.getvalue()


def test_every_step_tells_what_the_page_promises(worked):
    _, said = worked
    assert f"{PEOPLE * 6} faces; none found in 0 pictures" in said["train prepare"]
    assert f"subjects          {PEOPLE}" in said["train audit"]
    assert "trained without them" in said["train evaluate"] or "never saw them" in said["train evaluate"]
    assert "subject " in said["train evaluate"]
    assert f"from {PEOPLE} people left out of training" in said["train calibrate"]
    assert "agreement" in said["convert verify"]


def test_the_bundle_is_signed_and_its_card_says_what_its_owner_said(worked):
    folder, _ = worked
    signed = bundle.load(folder / "school-faces", kind="engagement", public_key=folder / "bundle-key.pub.pem")
    assert signed.card.licence == "ours alone"
    assert signed.card.name.startswith("school-faces")
    assert signed.card.output.temperature == read_facts(folder / "network" / "facts.json").output.temperature != 1
    card = (folder / "school-faces" / "card.json").read_text()
    assert str(folder) not in card
    assert "/" not in (signed.card.training.command if signed.card.training else "")


def test_a_device_publishes_records_of_it(worked, tmp_path):
    folder, _ = worked
    (folder / "device.toml").write_text(block("toml"), encoding="utf-8")
    schema = json.loads((ROOT / "docs" / "contract" / "record.schema.json").read_text())
    clip = ROOT / "edge" / "demo" / "classroom.mp4"
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        words = ["run", "--config", "device.toml", "--source", str(clip), "--mqtt", broker.url, "--windows", "1"]
        done = subprocess.run(
            [sys.executable, "-m", "edge.cli", *words, "--site", "oak", "--room", "r1", "--unpaced"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "EDGE_ENGAGE_SERVICE_STATE_DIR": str(tmp_path / "state")},
        )
        assert done.returncode == 0, done.stderr
        eventually(lambda: ear.said("engagement"), "a record")
        record = json.loads(ear.said("engagement")[0])
    jsonschema.validate(record, schema, cls=jsonschema.Draft202012Validator)
    assert record["status"] == "ok"
    assert record["model"].startswith("school-faces")
