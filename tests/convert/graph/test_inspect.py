"""What `convert inspect` says of a file, counted by hand where it can be."""

import json

import numpy as np
import pytest
from stripes import SIDE

from convert.cli import main
from convert.graph.flatbuffer import parse
from edge.errors import Problem

HALF, QUARTER = SIDE // 2, SIDE // 4
MACS = HALF * HALF * 9 * 8 + QUARTER * QUARTER * 9 * 8 * 16 + 16 * 3
WEIGHTS = 9 * 8 + 9 * 8 * 16 + 16 * 3


@pytest.fixture(scope="module")
def found(bundle):
    import contextlib
    import io

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main(["inspect", str(bundle), "--json"]) == 0
    return json.loads(said.getvalue())


def test_it_counts_what_a_run_costs(found, bundle):
    assert found["macs"] == MACS
    assert found["bytes"] == (bundle / "model.tflite").stat().st_size
    # Weights are single bytes; biases and axes are 32-bit numbers.
    assert found["weights_bytes"] >= WEIGHTS + 4 * (8 + 16 + 3)
    # The first layer holds its input and its output at once.
    assert found["arena_bytes"] == SIDE * SIDE + HALF * HALF * 8


def test_it_names_ends_operations_and_runtimes(found):
    assert [(t["shape"], t["dtype"]) for t in found["inputs"]] == [([1, SIDE, SIDE, 1], "int8")]
    assert [(t["shape"], t["dtype"]) for t in found["outputs"]] == [([1, 3], "int8")]
    assert {op["name"]: op["count"] for op in found["operations"]} == {
        "CONV_2D": 2,
        "FULLY_CONNECTED": 1,
        "MEAN": 1,
        "SOFTMAX": 1,
    }
    assert set(found["runtimes"].values()) == {"loads"}
    assert "5 of 5 operations would map" in found["edgetpu"]["summary"]


def test_the_table_lists_tensors_only_when_asked(bundle, capsys):
    main(["inspect", str(bundle)])
    short = capsys.readouterr().out
    main(["inspect", str(bundle / "model.tflite"), "--tensors"])
    long = capsys.readouterr().out
    assert "CONV_2D" in short
    assert "per channel, 16 scales" in long
    assert "per channel" not in short


def test_the_scales_are_those_the_runtime_reads(bundle):
    from ai_edge_litert.interpreter import Interpreter

    content = (bundle / "model.tflite").read_bytes()
    runtime = {tensor["index"]: tensor for tensor in Interpreter(model_content=content).get_tensor_details()}
    for number, tensor in enumerate(parse(content).tensors):
        np.testing.assert_allclose(tensor.scales, runtime[number]["quantization_parameters"]["scales"])
        assert tensor.shape == tuple(runtime[number]["shape"])


@pytest.mark.parametrize("damage", [b"hello", b"\0\0\0\0TFL3", b"\xff\xff\xff\x7fTFL3" + b"\xff" * 100])
def test_what_is_no_model_is_refused(tmp_path, capsys, damage):
    (tmp_path / "model.tflite").write_bytes(damage)
    assert main(["inspect", str(tmp_path / "model.tflite")]) == 2
    said = capsys.readouterr().err
    assert "model.tflite" in said
    assert "Traceback" not in said


def test_a_damaged_copy_is_never_worse_than_a_problem(bundle):
    whole = (bundle / "model.tflite").read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(50):
        damaged = bytearray(whole)
        for place in random.integers(8, len(whole), 20):
            damaged[place] = random.integers(256)
        try:
            parse(bytes(damaged[: random.integers(8, len(whole))]))
        except Problem:
            refused += 1
    assert refused > 25


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "nothing.tflite")]) == 2
    assert "nothing.tflite cannot be read" in capsys.readouterr().err
