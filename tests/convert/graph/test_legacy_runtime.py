"""tflite-runtime 2.14, in an environment of its own: what we ship loads there and says the same."""

import os
import pickle
import subprocess
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from portrait import cuts
from stripes import pictures

from convert.graph.flatbuffer import parse
from convert.graph.runtimes import LEGACY_OPS, legacy_lacks
from convert.network.source import load
from convert.proving import runner
from convert.quantizing.quantize import FORMATS, quantize
from edge.model.bundle import load as load_bundle
from edge.model.bundle import shipped
from edge.model.runtime import Network
from edge.vision.crop import normalize

ROOT = Path(__file__).parents[3]


def run_there(python, model, inputs, folder):
    (folder / "model.tflite").write_bytes(model)
    np.save(folder / "x.npy", inputs)
    subprocess.run(
        [python, "-I", runner.__file__, folder / "model.tflite", "builtin", folder / "x.npy", folder / "y.npy", "1"],
        check=True,
        capture_output=True,
    )
    return np.load(folder / "y.npy")


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_loads_there_and_agrees(legacy_python, run_folder, tmp_path, to):
    inputs = normalize(pictures(60, seed=6)[0], "standard")
    source = load(run_folder)
    model = quantize(source, to, inputs)
    assert not legacy_lacks(parse(model))
    assert np.abs(run_there(legacy_python, model, inputs, tmp_path) - source.predict(inputs)).max() < 0.05


@pytest.mark.parametrize("name", ["engagement", "expressions"])
def test_shipped_bundles_say_the_same_on_both_runtimes(legacy_python, tmp_path, name):
    loaded = load_bundle(shipped(name), kind=name)
    inputs = normalize(cuts(), loaded.card.input.normalization)
    there = run_there(legacy_python, loaded.model, inputs, tmp_path)
    network = Network(loaded.model)
    here = np.concatenate([network.run(row[None])[0] for row in inputs])
    spread = here.max() - here.min()
    assert np.abs(here - there).max() < 0.05 * spread
    assert (here.argmax(1) == there.argmax(1)).mean() > 0.95


def probe(name, version):
    """A file with one operation, which a runtime refuses to open when it has no such version."""
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, name)
    code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), version
    op, graph, model = schema.OperatorT(), schema.SubGraphT(), schema.ModelT()
    op.inputs, op.outputs = [0], [0]
    tensor = schema.TensorT()
    tensor.shape, tensor.name = [1], "x"
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor], [0], [0], [op]
    model.version, model.buffers, model.operatorCodes, model.subgraphs = 3, [schema.BufferT()], [code], [graph]
    builder = flatbuffers.Builder(512)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


PROBE = """
import pickle, sys
from tflite_runtime.interpreter import Interpreter
refused = set()
for name, version, content in pickle.load(open(sys.argv[1], "rb")):
    try:
        Interpreter(model_content=content)
    except ValueError as error:
        if "Didn't find op" in str(error):
            refused.add((name, version))
print(sorted(refused))
"""


def test_the_table_of_operation_versions_is_what_the_runtime_has(legacy_python, tmp_path):
    newest = {name: int(version) for name, version in LEGACY_OPS.items()}
    offered = [(name, v + more, probe(name, v + more)) for name, v in newest.items() for more in (0, 1)]
    (tmp_path / "probes.pickle").write_bytes(pickle.dumps(offered))
    done = subprocess.run(
        [legacy_python, "-I", "-c", PROBE, tmp_path / "probes.pickle"], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(sorted((name, version + 1) for name, version in newest.items()))


def test_without_tensorflow_quantize_names_the_install_command(legacy_python, run_folder, data):
    done = subprocess.run(
        [legacy_python, "-m", "convert.cli", "quantize", run_folder, "--int8", "--calibration", data],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'edge-engage[convert]'" in done.stderr
    assert "Traceback" not in done.stderr
