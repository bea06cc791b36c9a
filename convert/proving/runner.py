"""Runs a TFLite model over inputs with one set of kernels and times it; prints JSON.

A script of its own, with nothing but numpy and a TFLite runtime, because tflite-runtime and
TensorFlow want different numpys and so cannot share a process.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time

import numpy as np

_SECONDS = 10
"""A large network is timed on fewer pictures."""


def _interpreter(path: str, kernels: str):  # noqa: ANN202  # either runtime's
    try:
        from ai_edge_litert import interpreter as runtime

        name = "ai-edge-litert"
    except ImportError:
        from tflite_runtime import interpreter as runtime

        name = "tflite-runtime"
    kinds = runtime.OpResolverType
    resolver = kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES if kernels == "builtin" else kinds.AUTO
    made = runtime.Interpreter(model_path=path, num_threads=1, experimental_op_resolver_type=resolver)
    made.allocate_tensors()
    return made, f"{name} {importlib.metadata.version(name)}"


def main(model: str, kernels: str, inputs: str, outputs: str, timed: int) -> None:
    interpreter, name = _interpreter(model, kernels)
    given, wanted = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    rows, results, seconds = np.load(inputs), [], []
    if np.issubdtype(given["dtype"], np.integer):
        scale, zero = given["quantization"]
        limits = np.iinfo(given["dtype"])
        rows = np.clip(np.rint(rows / scale) + zero, limits.min, limits.max).astype(given["dtype"])
    size = int(given["shape"][0])
    padded = np.concatenate([rows, np.repeat(rows[-1:], -len(rows) % size, axis=0)])
    batches = padded.reshape(-1, size, *rows.shape[1:])
    for batch in batches:
        interpreter.set_tensor(given["index"], batch)
        interpreter.invoke()
        results.append(interpreter.get_tensor(wanted["index"]))
    enough = time.perf_counter() + _SECONDS
    for batch in batches[np.arange(timed) % len(batches)]:
        interpreter.set_tensor(given["index"], batch)
        start = time.perf_counter()
        interpreter.invoke()
        seconds.append((time.perf_counter() - start) / size)
        if time.perf_counter() > enough:
            break
    result = np.concatenate(results)[: len(rows)].astype(np.float32)
    if np.issubdtype(wanted["dtype"], np.integer):
        scale, zero = wanted["quantization"]
        result = (result - zero) * scale
    np.save(outputs, result.astype(np.float32))
    print(json.dumps({"runtime": name, "kernels": kernels, "milliseconds": 1000 * float(np.median(seconds))}))


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]))
