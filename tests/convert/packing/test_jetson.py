"""The Jetson path: the same numbers in ONNX, and a calibration file with the ranges that were seen."""

import struct

import numpy as np
import onnxruntime as ort
import pytest
from stripes import SIDE, pictures

from convert.cli import main
from convert.network.source import load
from convert.packing.jetson import calibration_cache, export
from edge.model.bundle import load as load_bundle
from edge.vision.crop import normalize


@pytest.fixture(scope="module")
def inputs():
    return normalize(pictures(40, seed=4)[0], "standard")


@pytest.fixture(scope="module")
def onnx_bytes(run_folder, inputs):
    return export(load(run_folder), inputs[:4])


def test_onnx_runtime_gives_the_networks_numbers(run_folder, onnx_bytes, inputs):
    session = ort.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == [1, SIDE, SIDE, 1]
    found = np.concatenate([session.run(None, {"input": row[None]})[0] for row in inputs])
    np.testing.assert_allclose(found, load(run_folder).predict(inputs), atol=1e-5)


def test_the_calibration_file_holds_the_step_of_every_tensor(onnx_bytes, inputs):
    header, *lines = calibration_cache(onnx_bytes, inputs).decode().splitlines()
    assert header == "TRT-100300-EntropyCalibration2"
    steps = {
        name: struct.unpack(">f", bytes.fromhex(value))[0] for name, value in (line.rsplit(": ", 1) for line in lines)
    }
    assert steps["input"] == pytest.approx(np.abs(inputs).max() / 127)
    assert len(steps) > 5
    assert all(step > 0 for step in steps.values())


def test_the_bundle_carries_both_and_the_command_is_said(run_folder, data, tmp_path, capsys):
    made = tmp_path / "jetson"
    assert main(["quantize", str(run_folder), "--calibration", str(data), "--jetson", "-o", str(made)]) == 0
    assert {"model.onnx", "model.calib"} <= set(load_bundle(made, kind="expressions").card.files)
    assert "trtexec --onnx=model.onnx --int8 --fp16 --calib=model.calib" in capsys.readouterr().out


def test_without_calibration_there_is_no_int8_engine(run_folder, tmp_path, capsys):
    assert main(["quantize", str(run_folder), "--float32", "--jetson", "-o", str(tmp_path / "jetson")]) == 2
    assert "--calibration DATA" in capsys.readouterr().err
    assert not (tmp_path / "jetson").exists()
