"""How close a network comes to the machine's limit: its speed over that of a plain int8 matrix product, as JSON.

Both run on one thread of one core, in turns, in the same process and runtime.

python bench/int8_peak.py                                  # the shipped engagement network
python bench/int8_peak.py edge/bundles/expressions
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from convert.graph.flatbuffer import parse
from edge.model import bundle

SHAPES = ((64, 512, 512), (256, 512, 512), (256, 1024, 1024), (512, 256, 1024))
"""Rows x depth x columns; the fastest counts."""


def product(rows: int, depth: int, columns: int) -> bytes:
    """A TFLite file that is one int8 matrix product, and nothing else."""
    random = np.random.default_rng(0)
    weights = random.integers(-127, 128, (columns, depth), np.int8)
    tensors = [
        _tensor("x", [rows, depth], schema.TensorType.INT8, 0, 0.02),
        _tensor("w", [columns, depth], schema.TensorType.INT8, 1, 0.005),
        _tensor("b", [columns], schema.TensorType.INT32, 2, 0.0001),
        _tensor("y", [rows, columns], schema.TensorType.INT8, 0, 0.5),
    ]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    code.version = 4
    op = schema.OperatorT()
    op.inputs, op.outputs = [0, 1, 2], [3]
    op.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    op.builtinOptions = schema.FullyConnectedOptionsT()
    graph = schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = tensors, [0], [3], [op]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [schema.BufferT(), _buffer(weights), _buffer(np.zeros(columns, np.int32))]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(name: str, shape: list[int], kind: int, buffer: int, scale: float) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, kind, buffer
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]
    return tensor


def _buffer(values: np.ndarray) -> Any:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    return buffer


class Timed:
    """A model that remembers its fastest run."""

    def __init__(self, model: bytes) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        given = self._interpreter.get_input_details()[0]
        values = np.random.default_rng(1).integers(-100, 100, given["shape"], np.int8)
        self._interpreter.set_tensor(given["index"], values)
        self.seconds: list[float] = []
        self.macs = parse(model).total_macs()

    def run(self) -> None:
        start = time.perf_counter()
        self._interpreter.invoke()
        self.seconds.append(time.perf_counter() - start)

    def rate(self) -> float:
        """Billions of multiplications with addition a second, at its fastest."""
        return self.macs / min(self.seconds) / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=bundle.shipped("engagement"))
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    network = Timed((options.bundle / "model.tflite").read_bytes())
    products = {shape: Timed(product(*shape)) for shape in SHAPES}
    for _ in range(options.turns):
        for timed in (network, *products.values()):
            timed.run()
    shape, peak = max(((s, timed.rate()) for s, timed in products.items()), key=lambda found: found[1])
    print(
        json.dumps(
            {
                "bundle": options.bundle.name,
                "macs": network.macs,
                "milliseconds": {
                    "fastest": 1e3 * min(network.seconds),
                    "median": 1e3 * float(np.median(network.seconds)),
                },
                "gmacs": network.rate(),
                "peak_gmacs": peak,
                "peak_shape": shape,
                "share_of_peak": network.rate() / peak,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
