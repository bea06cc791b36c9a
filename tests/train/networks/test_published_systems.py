"""Each published system of the kind, end to end by command, on small data in the layout it is published in."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf
from layouts import daisee, fer2013, student_engagement, wacv2016

from train.cli import main

# Small and few: what is proved here is that every step works on the layout, not how well it learns.
QUICK = ("--epochs", "1", "--batch", "8", "--side", "16", "--warmup", "0", "--mixup", "0")


@pytest.fixture(scope="module", autouse=True)
def step_by_step() -> Iterator[None]:
    """Compiling a large network takes minutes, a few of its steps seconds."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def run(*words: object) -> None:
    assert main([str(word) for word in words]) == 0


def figures(file) -> dict[str, float]:
    content = json.loads(file.read_bytes())
    return {figure["name"]: figure["value"] for figure in content["measures"]["figures"]}


@pytest.fixture(scope="module")
def expressions(tmp_path_factory):
    return fer2013(
        tmp_path_factory.mktemp("fer") / "fer2013.csv", {"Training": 28, "PublicTest": 14, "PrivateTest": 14}
    )


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return daisee(tmp_path_factory.mktemp("DAiSEE"), frames=9, size=48)


def test_s1_expressions_first_then_engagement_from_npy_arrays(expressions, tmp_path):
    """VGG-B on FER-2013, its weights moved to engaged or disengaged, and the plain CNN beside it."""
    raw, arrays = wacv2016(tmp_path / "wacv", subjects=6, each=4), tmp_path / "arrays"
    run("arrays", raw, "--divide", 60, 20, 20, "--engaged", "mid", "high", "-o", arrays)
    assert {file.name for file in arrays.iterdir()} == {f"{a}_{s}.npy" for a in "XY" for s in ("train", "val", "test")}

    run(
        "pretrain",
        "--data",
        expressions,
        "--network",
        "vgg-b",
        "--augmentation",
        "s1",
        *QUICK,
        "--out",
        tmp_path / "fer",
    )
    start = ("--network", "vgg-b", "--from", tmp_path / "fer")
    run("transfer", "--data", arrays, *start, *QUICK, "--allow", "--out", tmp_path / "vgg-b")
    run("pretrain", "--data", arrays, "--network", "cnn", *QUICK, "--allow", "--out", tmp_path / "cnn")
    for name in ("vgg-b", "cnn"):
        run("evaluate", tmp_path / name, "--data", arrays, "--split", "test")
        predictions = tmp_path / name / "predictions"
        assert np.load(predictions / "test_f.npy").shape == (len(np.load(arrays / "Y_test.npy")), 2)
        assert {"accuracy", "F1 of engaged", "AUC"} <= set(figures(predictions / "test.json"))


@pytest.mark.parametrize(("labels", "classes"), [("binary", 2), ("states", 6)])
def test_s2_kaggles_folders_in_two_and_six_classes(tmp_path, labels, classes):
    """Frames of a few recordings: grouped by recording, divided so, trained, evaluated."""
    data = student_engagement(tmp_path / "data", recordings=6, each=2)
    read = ("--labels", labels, "--by-recording", "--divide", 60, 20, 20)
    run("pretrain", "--data", data, *read, "--network", "cnn", *QUICK, "--out", tmp_path / "run")
    run("evaluate", tmp_path / "run", "--data", data, *read, "--split", "test")
    content = json.loads((tmp_path / "run" / "predictions" / "test.json").read_bytes())
    assert len(content["measures"]["labels"]) == classes
    assert content["measures"]["drawn_over"] == "subjects"
    audited = json.loads((tmp_path / "run" / "audit" / "audit.json").read_bytes())
    assert not any(finding["severity"] == "leak" for finding in audited["findings"])


def test_s3_seven_emotions_with_curves_confusion_and_report(expressions, tmp_path):
    """The deep emotion CNN with its four augmentations; figures name the split they come from."""
    words = ("--network", "emotion-cnn", "--augmentation", "s3", *QUICK)
    run("pretrain", "--data", expressions, *words, "--out", tmp_path)
    assert (tmp_path / "curves.png").stat().st_size > 1000
    assert len(json.loads((tmp_path / "history.json").read_bytes())) == 1
    for split, name in (("PublicTest", "validation"), ("PrivateTest", "test")):
        run("evaluate", tmp_path, "--data", expressions, "--split", split)
        content = json.loads((tmp_path / "predictions" / f"{name}.json").read_bytes())
        assert content["split"] == name
        assert np.array(content["measures"]["confusion"]).shape == (7, 7)
        assert content["measures"]["report"]["happy"]["support"] == 2
        assert (tmp_path / "predictions" / f"{name}.png").stat().st_size > 10_000
    run("report", tmp_path, "-o", tmp_path / "report.html")
    assert "emotion-cnn" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("network", ["mobilenet-v3-lstm", "resnet18-lstm", "resnet18-lstm-frozen"])
def test_s4_sequences_of_daisee(clips, tmp_path, network):
    """Eight-frame sequences of the official split, capped class weights, the stratified subset, attention by frame."""
    read = ("--data", clips, "--crop", "frame", "--size", 48, "--stratified", "--labels", "binary")
    weights = ("--class-weights", "capped", "--cap", 5)
    words = ("--network", network, *weights, *QUICK, "--side", 32)
    run("pretrain", *read, *words, "--allow", "--out", tmp_path / "run")
    run("evaluate", tmp_path / "run", *read, "--split", "Test")
    assert "macro-F1" in figures(tmp_path / "run" / "predictions" / "test.json")
    if network == "resnet18-lstm":
        run("explain", tmp_path / "run", *read, "--split", "Test", "--count", 4)
        explained = json.loads((tmp_path / "run" / "explain" / "explain.json").read_bytes())
        assert explained["crops"] is None or 0 <= explained["crops"]["share"] <= 1
        assert (tmp_path / "run" / "explain" / "crops.png").exists()


def test_s4_single_frames_in_three_classes(clips, tmp_path):
    read = ("--data", clips, "--crop", "frame", "--size", 48, "--frames", 1, "--stride", 4, "--labels", "three")
    words = ("--network", "mobilenet-v3", *QUICK, "--side", 32)
    run("pretrain", *read, *words, "--allow", "--out", tmp_path / "run")
    run("evaluate", tmp_path / "run", *read, "--split", "Test")
    content = json.loads((tmp_path / "run" / "predictions" / "test.json").read_bytes())
    assert content["measures"]["labels"] == ["engaged", "bored", "other"]
    reasons = [reason for _, reason in content["skipped"]]
    assert any("cannot be decoded" in reason for reason in reasons)
    assert sum("ratings tie" in reason for reason in reasons) == 6


def test_folds_leave_whole_subjects_out(tmp_path):
    data = wacv2016(tmp_path / "wacv", subjects=5, each=3)
    words = ("--folds", 2, "--network", "cnn", *QUICK, "--out", tmp_path / "folds")
    run("evaluate", "--data", data, *words)
    assert np.load(tmp_path / "folds" / "predictions" / "2-folds_f.npy").shape == (45, 3)
    trained = [json.loads((tmp_path / "folds" / f"fold-{n}" / "facts.json").read_bytes()) for n in (1, 2)]
    assert sum(facts["training"]["subjects"] for facts in trained) == 5
