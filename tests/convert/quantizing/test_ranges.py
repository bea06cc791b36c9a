"""How ranges are chosen, and that `--tune` keeps the closest."""

import re

import numpy as np
import pytest
from stripes import pictures

from convert.cli import main
from convert.graph.flatbuffer import parse
from convert.network.source import load
from convert.quantizing.quantize import Method, quantize
from convert.quantizing.ranges import rounded
from edge.model.bundle import load as load_bundle
from edge.vision.crop import normalize


def test_the_inputs_range_moves_the_answers_less_than_that_of_least_squares(run_folder):
    source, inputs = load(run_folder), normalize(pictures(100, seed=7)[0], "standard")
    inputs[::10, 0, 0] = 40  # an outlier that least squares would spend its steps on
    wanted, moved = source.predict(inputs), {}
    for ranges in ("extremes", "squares", "answers"):
        graph = parse(quantize(source, "int8", inputs, method=Method(ranges)))
        (step,), (zero,) = graph.tensors[graph.inputs[0]].scales, graph.tensors[graph.inputs[0]].zero_points
        seen = rounded(inputs, step * (-128 - zero), step * (127 - zero))
        moved[ranges] = np.square(source.predict(seen) - wanted).mean()
    assert moved["answers"] < min(moved["squares"], moved["extremes"])


def tuned(capsys, run_folder, data, made, seconds):
    command = ["quantize", run_folder, "--calibration", data, "--samples", 50, "--tune", seconds, "-o", made]
    assert main([str(word) for word in command]) == 0
    said = capsys.readouterr().out
    agreed = [float(share) for share in re.findall(r"divergence [\d.]+, agreement ([\d.]+)%", said)]
    divergences = [float(apart) for apart in re.findall(r"divergence ([\d.]+)", said)]
    return said, agreed, divergences


def test_tune_keeps_the_least_divergent_that_reaches_the_aims(run_folder, data, tmp_path, capsys):
    said, agreed, divergences = tuned(capsys, run_folder, data, tmp_path / "tuned", 600)
    drops = [float(drop) for drop in re.findall(r"drop (-?[\d.]+) points", said)]
    reached = [n for n in range(len(agreed)) if agreed[n] >= 98.5 and drops[n] <= 0.3] or range(len(agreed))
    assert len(agreed) == (4 if any(agreed[n] >= 98.5 and drops[n] <= 0.3 for n in range(4)) else 7)
    best = min(reached, key=lambda n: divergences[n])
    quantization = load_bundle(tmp_path / "tuned", kind="expressions").card.quantization
    assert 100 * quantization.agreement == pytest.approx(agreed[best], abs=0.006)
    assert f"chosen from {len(agreed)} by --tune" in quantization.calibration


def test_tune_stops_when_its_time_is_up(run_folder, data, tmp_path, capsys):
    said, _, divergences = tuned(capsys, run_folder, data, tmp_path / "tuned", 0)
    assert len(divergences) == 1
    assert "The time is up" in said


def test_tune_needs_samples_to_choose_by(run_folder, data, tmp_path, capsys):
    with np.load(data) as file:
        np.savez(tmp_path / "train.npz", x=file["x"], y=file["y"], split=np.repeat("train", len(file["x"])))
    calibration = ["--calibration", str(tmp_path / "train.npz")]
    assert main(["quantize", str(run_folder), *calibration, "--tune", "9", "-o", str(tmp_path / "made")]) == 2
    assert "no validation split" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()
