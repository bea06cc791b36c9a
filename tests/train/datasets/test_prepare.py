"""Raw pictures become faces by the device's own detector and crop, and an interrupted run goes on."""

from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest
from layouts import picture, write_csv
from matplotlib import cbook
from tqdm import tqdm

from edge.errors import Problem
from train.cli import main
from train.datasets import read
from train.datasets.faces import biggest_face
from train.datasets.prepare import prepare


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """A portrait, the portrait beside a smaller, mirrored copy of itself, and a wall."""
    folder = tmp_path_factory.mktemp("raw")
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        portrait = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    two = np.full((600, 900, 3), 80, np.uint8)
    two[:, :512] = portrait[:600]
    two[150:450, 600:856] = cv2.flip(cv2.resize(portrait[:600], (256, 300)), 1)
    picture(folder / "one.jpg", portrait)
    picture(folder / "two.jpg", two)
    picture(folder / "wall.png", np.full((300, 400), 128, np.uint8))
    rows = [("one.jpg", "high", "s1", "train"), ("two.jpg", "high", "s1", "train"), ("wall.png", "low", "s2", "test")]
    return write_csv(folder / "raw.csv", ("path", "label", "subject", "split"), rows)


def test_the_biggest_face_is_cut_and_faceless_pictures_are_reported(raw, tmp_path, capsys):
    assert main(["prepare", str(raw), "--out", str(tmp_path), "--side", "48", "--margin", "0.15"]) == 0
    printed = capsys.readouterr().out
    assert "2 faces; none found in 1 pictures" in printed
    assert "raw.csv:4" in printed
    dataset = read(tmp_path / "manifest.csv")
    assert dataset.margin == 0.15
    assert [(sample.group, sample.split) for sample in dataset.samples] == [("s1", "train")] * 2
    one, two = (sample.load() for sample in dataset.samples)
    assert one.shape == (48, 48)
    # In both pictures it is the large face, not the mirrored small one.
    alike, mirrored = (np.corrcoef(one.ravel(), other.ravel())[0, 1] for other in (two, np.fliplr(two)))
    assert alike > 0.75
    assert alike > mirrored + 0.1


def test_losses_are_told_by_label_and_by_subject(raw, tmp_path, capsys):
    assert main(["prepare", str(raw), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "Pictures without a face, by label:\n  low: 1 of 1 (100.0%)" in said
    assert "by subject:\n  s2: 1 of 1 (100.0%)" in said
    assert main(["prepare", str(raw), "--out", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["by_label"] == {"low": {"pictures": 1, "lost": 1}, "high": {"pictures": 2, "lost": 0}}
    assert found["by_subject"] == {"s1": {"pictures": 2, "lost": 0}, "s2": {"pictures": 1, "lost": 1}}


def test_no_bar_is_drawn_into_a_log(raw, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("train.datasets.prepare.tqdm", lambda *given, **how: tqdm(*given, **{**how, "delay": 0}))
    assert main(["prepare", str(raw), "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_what_is_done_is_not_done_again(raw, tmp_path):
    dataset = read(raw)
    first = prepare(dataset, tmp_path, biggest_face)
    log = tmp_path / "prepared.csv"
    with log.open(newline="") as file:
        lines = list(csv.reader(file))
    # As if it had been killed after the first picture.
    write_csv(log, lines[0], lines[1:2])
    kept = tmp_path / lines[1][1]
    before = kept.stat().st_mtime_ns
    again = prepare(dataset, tmp_path, biggest_face)
    assert (again.found, again.missing) == (first.found, first.missing) == (2, (f"{raw}:4",))
    assert kept.stat().st_mtime_ns == before
    with pytest.raises(Problem, match=r"was cut with size 112, margin 0\.15"):
        prepare(dataset, tmp_path, biggest_face, margin=0.4)
