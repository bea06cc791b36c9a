"""What labels mean to the device is asked for before a network is trained, and kept with it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout

import pytest
from layouts import face, picture, write_csv

from train.cli import main

SHORT = ("--network", "cnn", "--side", "16", "--epochs", "1", "--warmup", "0")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    rows = []
    for n in range(36):
        picture(folder / f"{n}.png", face(n, n % 3))
        rows.append((f"{n}.png", ("aufmerksam", "gelangweilt", "müde")[n % 3], f"s{n % 6}"))
    return write_csv(folder / "own.csv", ("path", "label", "subject"), rows)


def test_a_network_the_device_would_refuse_is_told_of_before_it_is_trained(manifest, tmp_path):
    both = io.StringIO()
    with redirect_stdout(both), redirect_stderr(both):
        assert main(["pretrain", "--data", str(manifest), "--out", str(tmp_path), *SHORT]) == 0
    printed = both.getvalue()
    said = "Nothing says which of aufmerksam, gelangweilt, müde mean low, mid and high"
    assert printed.index(said) < printed.index("epoch 1 of 1")
    assert "levels" not in json.loads((tmp_path / "facts.json").read_bytes())["output"]


def test_levels_are_kept_by_name(manifest, tmp_path, capsys):
    levels = ["--levels", "low=gelangweilt,mid=müde,high=aufmerksam"]
    assert main(["pretrain", "--data", str(manifest), "--out", str(tmp_path), *SHORT, *levels]) == 0
    assert "Nothing says" not in capsys.readouterr().out
    output = json.loads((tmp_path / "facts.json").read_bytes())["output"]
    assert output["levels"] == {"low": ["gelangweilt"], "mid": ["müde"], "high": ["aufmerksam"]}


def test_levels_that_name_no_label_stop_it_before_the_work(manifest, tmp_path, capsys):
    words = ["pretrain", "--data", str(manifest), "--out", str(tmp_path), *SHORT, "--levels", "low=asleep"]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert "names 'asleep', which is no label" in captured.err
    assert "epoch" not in captured.out
