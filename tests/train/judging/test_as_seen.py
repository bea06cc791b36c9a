"""`train evaluate --as-seen`: the same faces far away, dark, noisy and compressed; on a real network."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from layouts import write_csv

from train.cli import main
from train.datasets import read
from train.datasets.arrays import to_arrays
from train.judging.as_seen import PUBLISHED, compare_conditions, look
from train.judging.scorer import open_scorer, read_facts
from train.seeing.camera import as_seen
from train.seeing.conditions import CONDITIONS, Seen

LEVELS = ("low", "mid", "high")
VALUE = np.array([0, 0.5, 1])


@pytest.fixture(scope="module")
def judged(run_folder, wacv, tmp_path_factory):
    """A run's folder, evaluated, and its printed JSON."""
    run = tmp_path_factory.mktemp("as-seen") / "run"
    shutil.copytree(run_folder, run)
    assert main(["evaluate", str(run), "--data", str(wacv), "--as-seen"]) == 0
    return run


def test_every_height_and_every_bad_light_is_in_the_table_the_json_and_the_picture(judged, wacv, capsys):
    assert main(["evaluate", str(judged), "--data", str(wacv), "--as-seen", "--json"]) == 0
    (table,) = json.loads(capsys.readouterr().out)["comparisons"]
    names = [row["name"] for row in table["rows"]]
    assert names == [PUBLISHED, *CONDITIONS]
    assert {"48 px", "32 px", "24 px", "20 px", "16 px", "12 px"} <= set(names)
    assert CONDITIONS["32 px, dark"].light == 0.25
    assert CONDITIONS["24 px, noise"] == Seen(24, noise=8)
    assert CONDITIONS["32 px, JPEG"] == Seen(32, quality=30)
    assert json.loads((judged / "predictions" / "all-as-seen.json").read_bytes()) == table
    assert (judged / "predictions" / "all-as-seen.png").stat().st_size > 10_000
    text = (judged / "predictions" / "all.txt").read_text()
    for words in ("24 px, noise", "macro-F1", "AUC of low", "shift of engaged", "same answer"):
        assert words in text, words


def test_the_figures_are_those_of_the_faces_as_the_device_would_cut_them(judged, wacv):
    table = json.loads((judged / "predictions" / "all-as-seen.json").read_bytes())
    rows = {row["name"]: {one["name"]: one for one in row["figures"]} for row in table["rows"]}
    score, dataset = open_scorer(judged).probabilities, read(wacv)
    arrays = to_arrays(dataset)
    number = list(CONDITIONS).index("16 px")
    far = score(as_seen(arrays.x, Seen(16), np.random.default_rng([0, number])))
    near = score(arrays.x)
    found = rows["16 px"]
    assert found["accuracy"]["value"] == pytest.approx((far.argmax(axis=1) == arrays.y).mean())
    assert found["mean engaged"]["value"] == pytest.approx((far @ VALUE).mean(), abs=1e-5)
    assert found["shift of engaged"]["value"] == pytest.approx(((far - near) @ VALUE).mean(), abs=1e-5)
    assert found["change a face"]["value"] == pytest.approx(np.abs((far - near) @ VALUE).mean(), abs=1e-5)
    assert found["same answer"]["value"] == pytest.approx((far.argmax(axis=1) == near.argmax(axis=1)).mean())
    assert found["shift of engaged"]["low"] <= found["shift of engaged"]["value"] <= found["shift of engaged"]["high"]
    kept = np.load(judged / "predictions" / "all-as-seen.npz")
    np.testing.assert_allclose(kept["16 px"], far, atol=1e-5)
    assert kept["groups"].tolist() == arrays.groups.tolist()
    # As published nothing has changed, and at the crop's own size nothing has to be enlarged.
    for name in (PUBLISHED, "48 px"):
        assert rows[name]["same answer"]["value"] == 1
        assert rows[name]["shift of engaged"] == {"name": "shift of engaged", "value": 0, "low": 0, "high": 0}


def test_it_is_recorded_for_the_card_and_stays_when_the_run_is_evaluated_plainly_again(judged, wacv):
    assert main(["evaluate", str(judged), "--data", str(wacv)]) == 0
    metrics = {metric.name: metric for metric in read_facts(judged / "facts.json").metrics}
    recorded = metrics["AUC of low, 24 px"]
    assert recorded.low <= recorded.value <= recorded.high
    assert "LEAKY" in recorded.note
    assert len(metrics) == len(read_facts(judged / "facts.json").metrics)


def test_it_can_be_repeated(run_folder, wacv):
    score, x = open_scorer(run_folder).probabilities, to_arrays(read(wacv)).x
    first, second = look(score, x), look(score, x)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_expressions_have_no_engagement_that_could_shift(wacv):
    levels = read(wacv)
    answers = {PUBLISHED: np.full((len(levels), 3), 1 / 3, np.float32)}
    levelled = compare_conditions(answers, levels, LEVELS).rows[0].figures
    assert "shift of engaged" in {one.name for one in levelled}
    named = replace(levels, labels=("angry", "happy", "sad"))
    plain = compare_conditions(answers, named, ("angry", "happy", "sad")).rows[0].figures
    assert {one.name for one in plain} == {"accuracy", "macro-F1", "macro AUC", "same answer"}


def test_a_cross_validation_is_looked_at_in_the_same_way(run_folder, wacv, tmp_path, capsys, monkeypatch):
    """Training itself is left out: each fold gets a copy of the same network."""
    monkeypatch.setattr(
        "train.learning.pretrain.pretrain", lambda _part, run, _recipe: shutil.copytree(run_folder, run)
    )
    assert main(["evaluate", "--folds", "2", "--data", str(wacv), "--as-seen", "--out", str(tmp_path)]) == 0
    assert "shift of engaged" in capsys.readouterr().out
    folds = json.loads((tmp_path / "predictions" / "2-folds.json").read_bytes())
    table = json.loads((tmp_path / "predictions" / "2-folds-as-seen.json").read_bytes())
    assert table["rows"][0]["samples"] == len(read(wacv))
    assert {"AUC of low, 16 px", "shift of engaged, 32 px, dark"} <= {metric["name"] for metric in folds["metrics"]}
    assert [row["height"] for row in folds["reliability"]] == [12, 16, 20, 24, 32, 48]


def test_reliability_is_recorded_of_strangers_only(judged, wacv, tmp_path):
    """The network has seen these subjects under their names; under others it takes them for strangers."""
    assert read_facts(judged / "facts.json").reliability == ()
    samples = read(wacv).samples
    rows = [(Path(s.origin).resolve(), LEVELS[s.label], f"stranger {s.group}") for s in samples]
    manifest = write_csv(tmp_path / "m.csv", ("path", "label", "subject"), rows)
    run = tmp_path / "run"
    shutil.copytree(judged, run)
    assert main(["evaluate", str(run), "--data", str(manifest), "--as-seen"]) == 0
    measured = read_facts(run / "facts.json").reliability
    assert [row.height for row in measured] == [12, 16, 20, 24, 32, 48]
    assert measured[-1].auc > 0.5
    # What was measured stays when the run is evaluated plainly.
    assert main(["evaluate", str(run), "--data", str(wacv)]) == 0
    assert read_facts(run / "facts.json").reliability == measured
