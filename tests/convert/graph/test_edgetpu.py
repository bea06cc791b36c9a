"""What would run on a Coral EdgeTPU, judged operation by operation, and never claimed without the compiler."""

import json
import os

import keras
import numpy as np
import pytest
from stripes import SIDE

from convert.cli import main
from convert.graph import edgetpu
from convert.graph.flatbuffer import parse
from convert.network.source import load
from convert.quantizing.quantize import quantize
from edge.model.bundle import load as load_bundle

layers = keras.layers


def judged(tmp_path, *stack, shape=(SIDE, SIDE, 4), to="int8", batch=1):
    """The check's verdict on a stack of layers."""
    keras.Sequential([keras.Input(shape), *stack]).save(tmp_path / "model.keras")
    source = load(tmp_path / "model.keras")
    inputs = np.random.default_rng(0).normal(size=(8, *shape)).astype(np.float32)
    return edgetpu.check(parse(quantize(source, to, inputs, batch=batch)))


def reasons(mapping):
    return {name: why for name, why in mapping.operations if why}


def test_a_plain_network_maps_whole(bundle):
    mapping = edgetpu.check(parse((bundle / "model.tflite").read_bytes()))
    assert mapping.mapped == len(mapping.operations) == 5
    assert not mapping.problems
    assert mapping.weights < edgetpu.CACHE
    assert "would map" in mapping.summary()


def test_an_unknown_operation_takes_what_follows_to_the_cpu(tmp_path):
    mapping = judged(
        tmp_path, layers.Conv2D(4, 3), layers.Activation("elu"), layers.GlobalAveragePooling2D(), layers.Dense(3)
    )
    assert reasons(mapping)["ELU"] == "not on the list of supported operations"
    assert "only one EdgeTPU part" in reasons(mapping)["FULLY_CONNECTED"]
    assert mapping.mapped == 1


def test_a_batch_of_pictures_cannot_map(tmp_path):
    mapping = judged(tmp_path, layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(3), batch=2)
    assert "use a batch of 1" in reasons(mapping)["CONV_2D"]


def test_float_ends_keep_the_whole_model_off(tmp_path):
    mapping = judged(tmp_path, layers.Conv2D(4, 3), to="dynamic")
    assert mapping.mapped == 0
    assert "--int8 or --uint8" in mapping.problems[0]


def test_a_softmax_over_a_map_is_refused(tmp_path):
    assert "SOFTMAX" in reasons(judged(tmp_path, layers.Conv2D(4, 3), layers.Softmax()))


def test_a_large_network_is_said_not_to_fit(tmp_path):
    mapping = judged(tmp_path, layers.Flatten(), layers.Dense(9000), layers.Dense(3), shape=(SIDE, SIDE, 4))
    assert mapping.weights > edgetpu.CACHE
    assert "do not fit in the 8 MiB" in mapping.summary()


def quantized_for_coral(run_folder, data, folder):
    return main(["quantize", str(run_folder), "--calibration", str(data), "--edgetpu", "-o", str(folder)])


def test_without_the_compiler_the_card_says_not_compiled_here(run_folder, data, tmp_path, capsys):
    assert quantized_for_coral(run_folder, data, tmp_path / "coral") == 0
    card = load_bundle(tmp_path / "coral", kind="expressions").card
    assert "5 of 5 operations would map" in card.quantization.edgetpu
    assert "not compiled here" in card.quantization.edgetpu
    assert "not compiled here" in capsys.readouterr().out
    assert "model_edgetpu.tflite" not in card.files


# The compiler itself cannot be had here. This stands in for it with the log that it documents, so
# that finding it, calling it and reading its log are tried at all.
COMPILER = """#!/bin/sh
test "$1 $2" = "--show_operations --out_dir" || exit 9
[ -z "$REFUSE" ] || { echo "Invalid model: $4" >&2; exit 1; }
cp "$4" "$3/model_edgetpu.tflite"
cat <<LOG
Edge TPU Compiler version 16.0.384591198

Model compiled successfully in 96 ms.
On-chip memory used for caching model parameters: 5.25KiB
Off-chip memory used for streaming uncached model parameters: 0.00B
Number of operations that will run on Edge TPU: 4
Number of operations that will run on CPU: 1
LOG
"""


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "edgetpu_compiler"
    program.parent.mkdir()
    program.write_text(COMPILER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("compiler")
def test_the_compilers_result_and_log_go_into_the_bundle(run_folder, data, tmp_path):
    assert quantized_for_coral(run_folder, data, tmp_path / "coral") == 0
    loaded = load_bundle(tmp_path / "coral", kind="expressions")
    assert loaded.edgetpu == loaded.model
    assert loaded.card.quantization.edgetpu.endswith(
        "compiled: compiler 16.0.384591198, mapped 4, on CPU 1, cached 5.25KiB, streamed 0.00B"
    )


@pytest.mark.usefixtures("compiler")
def test_a_compiler_that_refuses_is_quoted(run_folder, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("REFUSE", "1")
    assert quantized_for_coral(run_folder, data, tmp_path / "coral") == 2
    assert "Invalid model" in capsys.readouterr().err
    assert not (tmp_path / "coral").exists()


def test_the_check_is_in_the_json_of_inspect(tmp_path, capsys):
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), layers.Activation("elu"), layers.Flatten(), layers.Dense(3)]
    )
    model.save(tmp_path / "model.keras")
    inputs = np.zeros((4, SIDE, SIDE, 1), np.float32) + np.linspace(-1, 1, SIDE, dtype=np.float32)[:, None]
    (tmp_path / "model.tflite").write_bytes(quantize(load(tmp_path / "model.keras"), "int8", inputs))
    main(["inspect", str(tmp_path / "model.tflite"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert {"operation": "ELU", "reason": "not on the list of supported operations"} in found["edgetpu"]["on_cpu"]
