"""With known truth, the sensor's 80 % intervals hold it in about 80 of 100 classes."""

import importlib
import json
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def certainty(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    return importlib.import_module("certainty")


def run(certainty, capsys, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["certainty.py", *words])
    assert certainty.main() == 0
    return json.loads(capsys.readouterr().out)


def test_the_intervals_hold_the_truth_as_often_as_they_claim(certainty, capsys, monkeypatch):
    result = run(certainty, capsys, monkeypatch, "--classes", "250", "--halvings", "8", "--seed", "1")
    assert result["told"] > 1500
    assert 0.78 <= result["held"] <= 0.85
    # Not because they say nothing: a class may be anywhere between 0 and 1.
    assert all(0.1 < run["median_width"] < 0.5 for run in result["halvings"])


def test_an_interval_that_claims_too_much_is_found_out(certainty, capsys, monkeypatch):
    """The same with errors taken for half as large as they are."""
    honest = certainty.reliability

    def boastful(answers, dataset):
        rows = honest(answers, dataset)
        return tuple(msgspec.structs.replace(row, spread=row.spread / 2, shared=row.shared / 2) for row in rows)

    monkeypatch.setattr(certainty, "reliability", boastful)
    assert run(certainty, capsys, monkeypatch, "--classes", "200", "--halvings", "3")["held"] < 0.7


def test_the_answers_of_a_real_network_are_taken_from_a_file(certainty, capsys, monkeypatch, tmp_path):
    np.savez(tmp_path / "answers.npz", **certainty.made_up(np.random.default_rng(0), people=40))
    words = [str(tmp_path / "answers.npz"), "--classes", "20", "--halvings", "1"]
    assert run(certainty, capsys, monkeypatch, *words)["told"] > 10
