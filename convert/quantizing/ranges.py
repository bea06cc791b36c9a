"""Better ranges than smallest-to-largest: each activation gets the range that loses least in 8 bits.

The converter's calibration spends the 256 steps on the rarest extremes. Cutting those off costs a
little where they occur and gains everywhere else. The input's range is judged by what it does to the
answers: rounding there goes through the whole network, while far outliers hardly matter to it.
Measured in docs/convert.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from convert.quantizing.watch import Watch, unwatched

__all__ = ["BINS", "best_range", "for_answers", "packed", "rounded", "running", "tightened"]

BINS = 2048
_KEPT = np.linspace(0.3, 1.0, 15)
"""Shares of each end of the range that are tried."""


def tightened(calibrated: bytes, batches: Sequence[NDArray[np.float32]], watch: Watch = unwatched) -> bytes:
    """A calibrated float model with every activation's range replaced by the best for it."""
    model = schema.ModelT.InitFromPackedBuf(calibrated)
    graph = model.subgraphs[0]
    ends = {
        number: (min(0.0, float(tensor.quantization.min[0])), max(0.0, float(tensor.quantization.max[0])))
        for number, tensor in enumerate(graph.tensors)
        if tensor.type == schema.TensorType.FLOAT32 and tensor.quantization and tensor.quantization.min is not None
    }
    ends = {number: (low, high) for number, (low, high) in ends.items() if low < high}
    counts = {number: np.zeros(BINS) for number in ends}
    for tensors in running(calibrated, watch(batches, "looking for ranges")):
        for number, (low, high) in ends.items():
            counts[number] += np.histogram(tensors(number), BINS, (low, high))[0]
    for number, (low, high) in ends.items():
        bottom, top = best_range(counts[number], low, high)
        graph.tensors[number].quantization.min = [bottom]
        graph.tensors[number].quantization.max = [top]
    return packed(model)


def for_answers(
    calibrated: bytes, tightened: bytes, batches: Sequence[NDArray[np.float32]], watch: Watch = unwatched
) -> bytes:
    """`tightened` with the input range that moves the float model's answers least; first the low end, then the high."""
    model = schema.ModelT.InitFromPackedBuf(tightened)
    tensors = [schema.ModelT.InitFromPackedBuf(calibrated).subgraphs[0].tensors, model.subgraphs[0].tensors]
    seen, chosen = (part[model.subgraphs[0].inputs[0]].quantization for part in tensors)
    interpreter = Interpreter(model_content=calibrated, num_threads=1)
    interpreter.allocate_tensors()
    given, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def answers(inputs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        found = []
        for x in inputs:
            interpreter.set_tensor(given, x)
            interpreter.invoke()
            found.append(interpreter.get_tensor(out))
        return np.concatenate(found)

    wanted = answers(batches)

    def moved(low: float, high: float) -> float:
        return float(np.square(answers([rounded(x, low, high) for x in batches]) - wanted).mean())

    low, high = min(0.0, float(seen.min[0])), max(0.0, float(seen.max[0]))
    bottom, top = float(chosen.min[0]), float(chosen.max[0])
    if low < 0:
        bottom = min(watch(low * _KEPT, "trying where the input's range begins"), key=lambda end: moved(end, top))
    if high > 0:
        top = min(watch(high * _KEPT, "trying where it ends"), key=lambda end: moved(bottom, end))
    chosen.min, chosen.max = [bottom], [top]
    return packed(model)


def rounded(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """What is left of the values in 256 steps from low to high, zero on a step."""
    step = (high - low) / 255
    zero = np.rint(-low / step)
    return ((np.clip(np.rint(values / step) + zero, 0, 255) - zero) * step).astype(np.float32)


def best_range(counts: NDArray[np.float64], low: float, high: float) -> tuple[float, float]:
    """The ends between which 256 steps give the smallest squared error; zero always lies on a step."""
    edges = np.linspace(low, high, BINS + 1)
    values = (edges[:-1] + edges[1:]) / 2
    found, least = (low, high), np.inf
    for bottom in low * _KEPT if low < 0 else (0.0,):
        for top in high * _KEPT if high > 0 else (0.0,):
            error = counts @ np.square(rounded(values, bottom, top) - values)
            if error < least:
                found, least = (bottom, top), error
    return found


def running(model: bytes, batches: Iterable[NDArray[np.float32]]) -> Iterator[Any]:
    """Run the model on every batch; yields a function that gives a tensor by its number."""
    interpreter = Interpreter(
        model_content=model,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]
    scale, zero = given["quantization"]
    for batch in batches:
        x = batch
        if scale:
            limits = np.iinfo(given["dtype"])
            x = np.clip(np.rint(batch / scale) + zero, limits.min, limits.max).astype(given["dtype"])
        interpreter.set_tensor(given["index"], x)
        interpreter.invoke()
        yield interpreter.get_tensor


def packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
