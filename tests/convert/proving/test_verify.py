"""The proof: the same pictures to both networks, honest figures with intervals, and an exit code a script can use."""

import json
from dataclasses import replace

import cv2
import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from stripes import LABELS, SIDE

from convert.cli import main
from convert.network.source import load
from convert.proving import verify
from convert.proving.verify import run


@pytest.fixture(scope="module")
def report(bundle, run_folder, data, tmp_path_factory):
    import contextlib
    import io

    said, picture = io.StringIO(), tmp_path_factory.mktemp("worst") / "worst.png"
    command = ["verify", str(bundle), "--against", str(run_folder), "--data", str(data), "--worst", str(picture)]
    with contextlib.redirect_stdout(said):
        code = main([*command, "--json", "--max-drop", "2"])
    return {"code": code, "picture": picture, **json.loads(said.getvalue())}


def test_a_good_copy_passes(report):
    assert report["code"] == 0
    assert report["samples"] == 400
    assert report["subjects"] == 8
    assert report["agreement"] > 0.97
    assert 0 < report["divergence_mean"] < report["divergence_p99"] < 0.2
    assert report["bytes_quantized"] < report["bytes_float"]


def test_the_figures_are_those_of_the_models(report, bundle, run_folder, data):
    from edge.vision.crop import normalize

    with np.load(data) as file:
        rows = file["split"] == "validation"
        x, y = normalize(file["x"][rows], "standard"), file["y"][rows]
    after = run((bundle / "model.tflite").read_bytes(), x)
    for name, p in (("before", load(run_folder).predict(x)), ("after", after)):
        figures = {figure: report["figures"][figure][name]["value"] for figure in report["figures"]}
        assert figures["accuracy"] == pytest.approx(accuracy_score(y, p.argmax(1)))
        assert figures["macro-F1"] == pytest.approx(f1_score(y, p.argmax(1), average="macro"))
        auc = np.mean([roc_auc_score(y == k, p[:, k]) for k in range(3)])
        assert figures["AUC"] == pytest.approx(auc, abs=1e-5)
    counts = {label: int((y == number).sum()) for number, label in enumerate(LABELS)}
    assert {label: entry[0] for label, entry in report["recall"].items()} == counts
    assert {entry[0] for entry in report["subject_accuracy"].values()} == {50}


def test_every_figure_lies_in_its_interval(report):
    for figure in report["figures"].values():
        for part in figure.values():
            assert part["low"] <= part["value"] <= part["high"]


def test_runtimes_are_timed_with_and_without_xnnpack(report):
    kinds = {(timing["runtime"].split()[0], timing["kernels"]) for timing in report["timings"]}
    assert kinds == {("ai-edge-litert", f"{m}, {k}") for m in ("float32", "int8") for k in ("xnnpack", "builtin")}
    assert all(timing["milliseconds"] > 0 and timing["agreement"] > 0.97 for timing in report["timings"])


def test_the_worst_samples_are_drawn(report):
    picture = cv2.imread(str(report["picture"]))
    assert picture.shape == (4 * 180, 5 * 140, 3)
    assert picture.std() > 20


def test_the_table_says_the_same(bundle, run_folder, data, capsys):
    main(["verify", str(bundle), "--against", str(run_folder), "--data", str(data), "--split", "train"])
    said = capsys.readouterr().out
    assert "agreement" in said
    assert "accuracy by subject" in said
    assert all(label in said for label in LABELS)


def test_too_large_a_drop_exits_with_one(bundle, run_folder, data, capsys):
    command = ["verify", str(bundle), "--against", str(run_folder), "--data", str(data)]
    assert main([*command, "--max-drop", "-100"]) == 1
    assert "is more than -100" in capsys.readouterr().err


def test_a_better_network_is_another_network_all_the_same(bundle, data, tmp_path, run_folder, capsys):
    model = keras.saving.load_model(run_folder / "model.keras")
    dense = model.layers[-2]
    dense.kernel.assign(np.roll(dense.kernel.numpy(), 1, axis=1))  # every label means the next one
    model.save(tmp_path / "model.keras")
    assert main(["verify", str(bundle), "--against", str(tmp_path / "model.keras"), "--data", str(data)]) == 1
    assert "this is another network" in capsys.readouterr().err


def test_a_network_of_another_shape_is_refused(bundle, data, tmp_path, capsys):
    layers = keras.layers
    for name, side, labels in (("side", 8, 3), ("labels", SIDE, 4)):
        model = keras.Sequential([keras.Input((side, side, 1)), layers.Flatten(), layers.Dense(labels)])
        model.save(tmp_path / f"{name}.keras")
        assert main(["verify", str(bundle), "--against", str(tmp_path / f"{name}.keras"), "--data", str(data)]) == 2
    said = capsys.readouterr().err
    assert "not the same network" in said
    assert "gives 4 labels, the bundle 3" in said


def test_without_labels_the_drop_is_bounded_by_the_agreement(bundle, run_folder, data, tmp_path, capsys):
    with np.load(data) as file:
        np.savez(tmp_path / "plain.npz", x=file["x"])
    command = ["verify", str(bundle), "--against", str(run_folder), "--data", str(tmp_path / "plain.npz"), "--json"]
    main([*command, "--max-drop", "100"])
    found = json.loads(capsys.readouterr().out)
    assert found["figures"] == {}
    assert found["drop"] == pytest.approx(100 * (1 - found["agreement"]))


def test_a_split_the_data_lack_is_named(bundle, run_folder, data, capsys):
    assert main(["verify", str(bundle), "--against", str(run_folder), "--data", str(data), "--split", "test"]) == 2
    assert "no split 'test'; it has train, validation" in capsys.readouterr().err


def test_a_label_that_is_hardly_ever_found_fails_though_the_mean_is_good(run_folder, data, tmp_path, capsys):
    """One label is rare and the network never says it: accuracy, macro-F1 and agreement do not tell."""
    model = keras.saving.load_model(run_folder / "model.keras")
    dense = model.layers[-2]
    dense.bias.assign(dense.bias.numpy() - np.eye(3, dtype=np.float32)[1] * 50)
    deaf = tmp_path / "deaf"
    deaf.mkdir()
    model.save(deaf / "model.keras")
    (deaf / "facts.json").write_bytes((run_folder / "facts.json").read_bytes())
    made = tmp_path / "bundle"
    assert main(["quantize", str(deaf), "--calibration", str(data), "-o", str(made)]) == 0
    command = ["verify", str(made), "--against", str(deaf), "--data", str(data), "--max-drop", "2"]
    capsys.readouterr()
    assert main(command) == 1
    assert f"Recall of {LABELS[1]} is 0.0%" in capsys.readouterr().err
    assert main([*command, "--min-recall", "0"]) == 0


def test_a_recall_that_falls_fails_but_for_one_sample():
    def found(count, before, after):
        label = {"low": (count, before, after)}
        return verify.weak_labels(replace(NOTHING, recall=label), least=10, most_lost=5)

    assert found(100, 0.9, 0.86) == []
    assert found(100, 0.9, 0.8) == ["Recall of low falls from 90.0% to 80.0%, by more than 5 points."]
    assert found(10, 0.9, 0.8) == []  # one sample of ten
    assert found(100, 0.9, 0.05) == ["Recall of low is 5.0% (90.0% before); at least 10 % is asked for."]
    assert found(100, 0.5, 0.7) == []


NOTHING = verify.Comparison(
    data="some",
    samples=0,
    subjects=0,
    agreement=1,
    divergence_mean=0,
    divergence_p99=0,
    figures={},
    recall={},
    subject_accuracy={},
    bytes_float=0,
    bytes_quantized=0,
    timings=(),
    worst=(),
)
