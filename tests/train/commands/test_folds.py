"""Folds that go on from earlier folds: a network and the copy that it teaches leave out the same people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from layouts import fer2013, wacv2016

from train.cli import main


@pytest.fixture(scope="module")
def quick(tmp_path_factory) -> list[str]:
    data = wacv2016(tmp_path_factory.mktemp("data") / "wacv", subjects=6, each=2)
    return ["--data", str(data), "--network", "cnn", "--side", "16", "--epochs", "1", "--warmup", "0"]


@pytest.fixture(scope="module")
def near(quick, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("near")
    assert main(["evaluate", "--folds", "2", *quick, "--out", str(out)]) == 0
    return out


def test_each_fold_goes_on_from_its_like_which_also_teaches_it(quick, near, tmp_path):
    old = fer2013(tmp_path / "fer.csv", {"Training": 14})
    words = ["evaluate", "--folds", "2", *quick, "--from-folds", str(near), "--unlabelled", str(old), "--far", "0.5"]
    assert main([*words, "--distill", "0.7", "--out", str(tmp_path / "far")]) == 0
    for fold in ("fold-1", "fold-2"):
        options = json.loads((tmp_path / "far" / fold / "options.json").read_bytes())
        assert options["source"] == options["teachers"] == str(near / fold)
        assert options["unlabelled"].endswith("14 samples")


def test_earlier_folds_that_left_out_others_are_refused(quick, near, tmp_path, capsys):
    words = ["evaluate", "--folds", "2", "--seed", "3", *quick, "--from-folds", str(near)]
    assert main([*words, "--out", str(tmp_path / "far")]) == 2
    said = capsys.readouterr().err
    assert "fold-1 has seen people whom this fold leaves out" in said
    assert "with as many folds and the same --seed" in said


def test_how_long_it_would_take_is_said_of_these_too(quick, near, capsys):
    assert main(["evaluate", "--folds", "2", *quick, "--from-folds", str(near), "--dry-run"]) == 0
    assert "2 networks of 1 epochs: about" in capsys.readouterr().out


def test_further_faces_need_earlier_folds_to_label_them(quick, tmp_path, capsys):
    words = ["evaluate", "--folds", "2", *quick, "--unlabelled", quick[1], "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert "give --from-folds FOLDER" in capsys.readouterr().err
