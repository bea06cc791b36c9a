"""Figures, their intervals, and what an evaluation leaves behind; on real networks, float and int8."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from layouts import face, fer2013, picture, write_csv

import convert.cli
from edge.errors import Problem
from train.cli import main
from train.datasets import read
from train.datasets.arrays import to_arrays
from train.judging.evaluate import evaluate, matched, without_twins
from train.judging.scorer import open_scorer, read_facts

LEVELS = ("low", "mid", "high")


def test_a_run_is_evaluated_and_its_predictions_and_facts_are_kept(run_folder, wacv, tmp_path, capsys):
    run = tmp_path / "run"
    shutil.copytree(run_folder, run)
    assert main(["evaluate", str(run), "--data", str(wacv), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    shares = np.load(run / "predictions" / "all_f.npy")
    dataset = read(wacv)
    y = np.array([sample.label for sample in dataset.samples])
    figures = {figure["name"]: figure["value"] for figure in printed["measures"]["figures"]}
    assert figures["accuracy"] == pytest.approx((shares.argmax(axis=1) == y).mean())
    assert figures["accuracy"] > 0.6  # it was trained on these
    with (run / "predictions" / "all.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["subject"] for row in rows] == [sample.group for sample in dataset.samples]
    assert float(rows[0]["low"]) == pytest.approx(shares[0, 0], abs=1e-6)
    recorded = {metric.name: metric for metric in read_facts(run / "facts.json").metrics}
    assert recorded["accuracy"].value == pytest.approx(figures["accuracy"], abs=1e-4)
    # The figure is of pictures the network has seen, and says so wherever it goes.
    assert "LEAKY" in recorded["accuracy"].note
    assert any("LEAKY" in note for note in printed["notes"])
    assert (run / "predictions" / "all.png").stat().st_size > 10_000


def test_only_subjects_the_network_was_trained_on_make_a_figure_leaky(run_folder, wacv, tmp_path, capsys):
    listed = tmp_path / "manifest.csv"
    rows = [(sample.origin, read(wacv).labels[sample.label], sample.group) for sample in read(wacv).samples[:12]]
    for people, leaky in (("", True), ("stranger ", False)):
        lines = [f"{Path(origin).resolve()},{label},{people}{group}," for origin, label, group in rows]
        listed.write_text("\n".join(["path,label,subject,split", *lines]) + "\n")
        assert main(["evaluate", str(run_folder), "--data", str(listed), "--out", str(tmp_path), "--json"]) == 0
        notes = " ".join(json.loads(capsys.readouterr().out)["notes"])
        assert ("LEAKY" in notes) == leaky
        assert ("none of these" in notes) != leaky


def test_bundles_float_and_int8_are_read_like_runs(run_folder, wacv, tmp_path):
    calibration = tmp_path / "faces.npz"
    assert main(["arrays", str(wacv), "-o", str(calibration)]) == 0
    for number_format in ("float32", "int8"):
        bundle = tmp_path / number_format
        words = ["quantize", str(run_folder), f"--{number_format}", "-o", str(bundle)]
        assert convert.cli.main([*words, "--calibration", str(calibration)]) == 0
    part = replace(read(wacv), samples=read(wacv).samples[::3])
    x = to_arrays(part).x
    network, plain, whole = (
        open_scorer(p).probabilities(x) for p in (run_folder, tmp_path / "float32", tmp_path / "int8")
    )
    np.testing.assert_allclose(plain, network, atol=1e-4)
    assert (whole.argmax(axis=1) == network.argmax(axis=1)).mean() > 0.8
    assert not np.array_equal(whole, plain)
    assert open_scorer(tmp_path / "int8").number_format == "int8"
    done = evaluate(open_scorer(tmp_path / "int8"), part, split="")
    assert done.measures.samples == len(part)


def test_pictures_are_cut_as_wide_as_the_networks_faces_were(run_folder, tmp_path):
    smooth = cv2.GaussianBlur(face(1, 1, size=192), (0, 0), 4)
    picture(tmp_path / "a.png", smooth)
    rows = [("a.png", "mid", "s1", "test", 0.75)]
    manifest = write_csv(tmp_path / "wide.csv", ("path", "label", "subject", "split", "margin"), rows)
    done = evaluate(open_scorer(run_folder), read(manifest), split="test")
    assert any("cut 0.67 times as wide" in note for note in done.notes)
    # From margin 0.75 to 0.18: the middle 130 of 192 pixels are left.
    same = picture(tmp_path / "b.png", smooth[31:161, 31:161])
    write_csv(
        tmp_path / "tight.csv", ("path", "label", "subject", "split", "margin"), [(same, "mid", "s1", "test", 0.18)]
    )
    tight = evaluate(open_scorer(run_folder), read(tmp_path / "tight.csv"), split="test")
    np.testing.assert_allclose(done.probabilities, tight.probabilities, atol=0.03)


def test_private_test_of_the_full_csv_can_be_asked_for_by_its_own_name(tmp_path, run_folder, capsys):
    file = fer2013(tmp_path / "fer2013.csv", {"Training": 14, "PublicTest": 7, "PrivateTest": 14})
    run = tmp_path / "run"
    shutil.copytree(run_folder, run)
    facts = json.loads((run / "facts.json").read_bytes())
    import keras

    model = keras.saving.load_model(run / "model.keras")
    seven = keras.layers.Dense(7, activation="softmax")(model.get_layer("logits").input)
    keras.Model(model.input, seven).save(run / "model.keras")
    facts["input"]["margin"] = 0.15
    facts["output"]["labels"] = ["neutral", "sad", "happy", "angry", "disgust", "fear", "surprise"]
    (run / "facts.json").write_bytes(msgspec.json.encode(facts))
    assert main(["evaluate", str(run), "--data", str(file), "--split", "PrivateTest"]) == 0
    assert "FER-2013, split test: 14 samples" in capsys.readouterr().out
    # Columns are the data set's labels, whatever order the network has.
    scorer = open_scorer(run)
    dataset = read(file).only("test")
    straight = scorer.probabilities(to_arrays(dataset).x)
    np.testing.assert_allclose(np.load(run / "predictions" / "test_f.npy")[:, 3], straight[:, 2], atol=1e-5)


def test_three_levels_answer_two_class_data_and_the_other_way_round(wacv):
    levels = read(wacv)
    two = replace(levels, labels=("disengaged", "engaged"))
    p = np.array([[0.5, 0.3, 0.2]], np.float32)
    np.testing.assert_allclose(matched(two, p, LEVELS)[1], [[0.5, 0.5]])
    collapsed, _ = matched(levels, np.array([[0.4, 0.6]], np.float32), ("disengaged", "engaged"))
    assert {(a.label, b.label) for a, b in zip(levels.samples, collapsed.samples, strict=True)} == {
        (0, 0),
        (1, 1),
        (2, 1),
    }
    with pytest.raises(Problem, match="The network knows happy"):
        matched(levels, p, ("happy", "sad", "angry"))


def test_twins_of_training_pictures_can_be_left_out(tmp_path):
    rows = []
    for n in range(12):
        picture(tmp_path / f"{n}.png", face(3 if n == 11 else n, n % 2))
        rows.append((f"{n}.png", LEVELS[n % 2], f"s{n}", "test" if n > 8 else "train"))
    rest, twins = without_twins(
        read(write_csv(tmp_path / "m.csv", ("path", "label", "subject", "split"), rows)), "test"
    )
    assert twins == 1
    assert [sample.group for sample in rest.samples] == ["s9", "s10"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["evaluate", "nowhere", "--data", "{wacv}"], "nowhere is neither a run folder"),
        (["evaluate", "{run}", "--data", "{wacv}", "--split", "PrivateTest"], "has no sample in split 'PrivateTest'"),
        (["evaluate", "{run}", "--data", "{wacv}", "--split", "holdout"], "'holdout' in the command line is no split"),
        (["evaluate", "--data", "{wacv}"], "Give a run folder"),
        (["evaluate", "{run}", "--data", "{wacv}", "--labels", "soft"], "has one way to label"),
        (["evaluate", "{run}", "--data", "{wacv}", "--votes", "votes.csv"], "Leave out --votes"),
        (["evaluate", "{run}", "--data", "{wacv}", "--size", "72"], "The side of a network's input is --side"),
    ],
)
def test_what_cannot_be_evaluated_is_said_without_a_traceback(words, said, run_folder, wacv, capsys):
    assert main([word.format(run=run_folder, wacv=wacv) for word in words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
