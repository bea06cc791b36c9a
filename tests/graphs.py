"""TFLite graphs of any shape, made in a moment and without TensorFlow: whatever goes in, constants come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

__all__ = ["graph"]


def graph(
    given: Sequence[int], *outputs: Sequence[int], dtype: str = "float32", value: float = 0.5, inputs: int = 1
) -> bytes:
    """A graph with an input "x0" of the shape `given`, and outputs "y0", "y1", … of these shapes."""
    empty = schema.BufferT()
    empty.data = []
    model, main = schema.ModelT(), schema.SubGraphT()
    model.version, model.buffers, model.operatorCodes, model.subgraphs = 3, [empty], [], [main]
    main.tensors, main.operators = [], []
    main.inputs = [_tensor(model, f"x{n}", given, dtype) for n in range(inputs)]
    main.outputs = [_tensor(model, f"y{n}", shape, dtype, value) for n, shape in enumerate(outputs)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(model: Any, name: str, shape: Sequence[int], dtype: str, value: float | None = None) -> int:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer = name, list(shape), 0
    tensor.type = getattr(schema.TensorType, dtype.upper())
    if value is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.full(shape, value, dtype).tobytes(), np.uint8)
        tensor.buffer = len(model.buffers)
        model.buffers.append(buffer)
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def beginning(model: bytes, count: int) -> bytes:
    """The first operations of a real graph, with no more than what they need."""
    whole = schema.ModelT.InitFromPackedBuf(model)
    main = whole.subgraphs[0]
    main.operators = main.operators[:count]
    used = sorted({int(n) for op in main.operators for n in (*op.inputs, *op.outputs) if n >= 0} | set(main.inputs))
    place = {-1: -1, **{old: new for new, old in enumerate(used)}}
    for op in main.operators:
        op.inputs, op.outputs = ([place[int(n)] for n in numbers] for numbers in (op.inputs, op.outputs))
    main.inputs = [place[int(n)] for n in main.inputs]
    main.outputs = list(main.operators[-1].outputs)
    main.tensors = [main.tensors[n] for n in used]
    buffers = [whole.buffers[0], *(whole.buffers[tensor.buffer] for tensor in main.tensors)]
    for number, tensor in enumerate(main.tensors, 1):
        tensor.buffer = number
    whole.buffers, whole.metadata, whole.signatureDefs = buffers, [], []
    builder = flatbuffers.Builder(1024)
    builder.Finish(whole.Pack(builder), b"TFL3")
    return bytes(builder.Output())
