"""Bias correction: rounding shifts the mean of a channel; the layer's bias can take the shift away again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from convert.quantizing.ranges import packed, running
from convert.quantizing.watch import Watch, unwatched

__all__ = ["corrected"]

_LAYERS = {
    schema.BuiltinOperator.CONV_2D,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D,
    schema.BuiltinOperator.FULLY_CONNECTED,
}


def corrected(
    quantized: bytes, calibrated: bytes, batches: Sequence[NDArray[np.float32]], watch: Watch = unwatched
) -> bytes:
    """The quantized model with biases that give each channel the mean it has in the float model.

    Layer by layer from the input, so that each sees what the corrected ones before it give.
    """
    model = schema.ModelT.InitFromPackedBuf(quantized)
    graph = model.subgraphs[0]
    names = {
        tensor.name: n for n, tensor in enumerate(schema.ModelT.InitFromPackedBuf(calibrated).subgraphs[0].tensors)
    }
    used = Counter(number for op in graph.operators for number in op.inputs)
    layers = [
        op
        for op in graph.operators
        if model.operatorCodes[op.opcodeIndex].builtinCode in _LAYERS
        # A bias that several steps of a sequence share cannot suit them all.
        and len(op.inputs) > 2 and op.inputs[2] >= 0 and used[op.inputs[2]] == 1
        and graph.tensors[op.outputs[0]].name in names
    ]  # fmt: skip
    outputs = [names[graph.tensors[op.outputs[0]].name] for op in layers]
    wanted = _means(calibrated, watch(batches, "measuring biases"), outputs)
    for op, want in watch(list(zip(layers, wanted, strict=True)), "correcting biases"):
        out = graph.tensors[op.outputs[0]].quantization
        (found,) = _means(packed(model), batches, [op.outputs[0]])
        shift = want - (found - out.zeroPoint[0]) * out.scale[0]
        _add(model, graph.tensors[op.inputs[2]], shift)
    return packed(model)


def _means(model: bytes, batches: Iterable[NDArray[np.float32]], numbers: Sequence[int]) -> list[NDArray[np.float64]]:
    sums, count = list[Any]([0.0] * len(numbers)), 0
    for tensors in running(model, batches):
        count += 1
        for place, number in enumerate(numbers):
            values = tensors(number)
            sums[place] = sums[place] + values.reshape(-1, values.shape[-1]).mean(axis=0, dtype=np.float64)
    return [total / count for total in sums]


def _add(model: Any, bias: Any, shift: NDArray[np.float64]) -> None:
    values = np.frombuffer(bytes(model.buffers[bias.buffer].data), np.int32)
    moved = values + np.rint(shift / np.asarray(bias.quantization.scale)).astype(np.int32)
    # Equal constants share a buffer; this one must not move the others.
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(moved.tobytes(), np.uint8)
    model.buffers.append(buffer)
    bias.buffer = len(model.buffers) - 1
