"""Reads a TFLite file: its tensors, its operations and what they cost. Needs no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edge.errors import Problem

__all__ = ["Graph", "Op", "Tensor", "parse"]

_OPS = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
_TYPES = {code: name.lower() for name, code in vars(schema.TensorType).items() if isinstance(code, int)}
_ACTIVATIONS = {
    code: name.lower() for name, code in vars(schema.ActivationFunctionType).items() if isinstance(code, int)
}
_BITS = {"float32": 32, "int32": 32, "uint32": 32, "float64": 64, "int64": 64, "uint64": 64, "complex64": 64}
_BITS |= {"float16": 16, "int16": 16, "uint16": 16, "bfloat16": 16, "complex128": 128, "int4": 4, "int2": 2}


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    dtype: str
    constant: bool
    dynamic: bool
    scales: tuple[float, ...]
    """Empty: not quantized. One: per tensor. More: per channel."""
    zero_points: tuple[int, ...]
    data: bytes
    """Of a constant; empty otherwise."""

    @property
    def bytes(self) -> int:
        return len(self.data) if self.constant else (prod(self.shape) * _BITS.get(self.dtype, 8) + 7) // 8

    def array(self) -> NDArray[Any]:
        try:
            return np.frombuffer(self.data, self.dtype).reshape(self.shape)
        except (ValueError, TypeError) as error:
            raise Problem(f"The constant {self.name!r} is damaged: {error}. Make the model again.") from None


@dataclass(frozen=True, slots=True)
class Op:
    name: str
    version: int
    inputs: tuple[int, ...]
    """Numbers of tensors; -1 where an optional input is left out."""
    outputs: tuple[int, ...]
    options: Any
    """The schema's own options object, or None."""

    @property
    def activation(self) -> str:
        return _ACTIVATIONS[getattr(self.options, "fusedActivationFunction", 0)]


@dataclass(frozen=True, slots=True)
class Graph:
    size: int
    """Bytes of the file."""
    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    subgraphs: int
    minimum_runtime: str
    """What the converter wrote down; empty where it did not."""

    def macs(self, op: Op) -> int:
        """Multiplications with addition that one run of the operation takes."""
        out = prod(self.tensors[op.outputs[0]].shape)
        weights = self.tensors[op.inputs[1]].shape if len(op.inputs) > 1 else ()
        each = 0
        match op.name:
            case "CONV_2D" | "FULLY_CONNECTED":
                each = prod(weights[1:])
            case "DEPTHWISE_CONV_2D":
                each = prod(weights[1:3])
            case "BATCH_MATMUL":
                each = self.tensors[op.inputs[0]].shape[-2 if op.options.adjX else -1]
            case "TRANSPOSE_CONV":
                out, each = prod(self.tensors[op.inputs[2]].shape), prod(weights[:3])
            case "UNIDIRECTIONAL_SEQUENCE_LSTM":
                out = prod(self.tensors[op.inputs[0]].shape[:-1])
                each = sum(prod(self.tensors[i].shape) for i in op.inputs[1:9] if i >= 0)
        return out * each

    def total_macs(self) -> int:
        return sum(map(self.macs, self.ops))

    def weights(self) -> int:
        """Bytes of all constants."""
        return sum(tensor.bytes for tensor in self.tensors if tensor.constant)

    def peak(self) -> int:
        """Bytes of activations alive at the fullest moment: no arena can be smaller."""
        last = {number: step for step, op in enumerate(self.ops) for number in op.inputs}
        last |= dict.fromkeys(self.outputs, len(self.ops))
        alive, most = set(self.inputs), 0
        for step, op in enumerate(self.ops):
            alive |= set(op.outputs)
            most = max(most, sum(self.tensors[i].bytes for i in alive if not self.tensors[i].constant))
            alive -= {number for number in alive if last.get(number, -1) <= step}
        return most


def parse(content: bytes, name: str = "The file") -> Graph:
    """Read the first subgraph; a file that is no TFLite model, or a damaged one, is a Problem."""
    if content[4:8] != b"TFL3":
        raise Problem(f"{name} is not a TFLite model. Make one with `convert quantize`.")
    try:
        model = schema.ModelT.InitFromPackedBuf(content)
        graph = _graph(model, len(content))
        _check_places(graph)
        # What is asked of a graph is asked once here, where the answer may be that it is damaged.
        graph.total_macs()
        graph.peak()
    except Exception as error:  # noqa: BLE001  # damaged offsets end in any kind of error
        raise Problem(f"{name} is damaged and cannot be read ({error}). Make it again.") from None
    return graph


def _check_places(graph: Graph) -> None:
    """Every number of a tensor is one."""
    numbers = {*graph.inputs, *graph.outputs}
    for op in graph.ops:
        numbers |= {*op.inputs, *op.outputs} - {-1}
        if not op.outputs:
            raise ValueError(f"{op.name} gives nothing")
    if not numbers <= set(range(len(graph.tensors))):
        raise ValueError("it names tensors that it does not hold")


def _graph(model: Any, size: int) -> Graph:
    main = model.subgraphs[0]
    codes = [
        (_OPS[max(code.builtinCode, code.deprecatedBuiltinCode)], code.version, code.customCode)
        for code in model.operatorCodes
    ]
    ops = []
    for op in main.operators or ():
        name, version, custom = codes[op.opcodeIndex]
        ops.append(
            Op(custom.decode() if custom else name, version, _ints(op.inputs), _ints(op.outputs), op.builtinOptions)
        )
    written = {entry.name: model.buffers[entry.buffer].data for entry in model.metadata or ()}
    minimum = bytes(written.get(b"min_runtime_version", b"")).rstrip(b"\0").decode()
    return Graph(
        size=size,
        tensors=tuple(_tensor(tensor, model.buffers) for tensor in main.tensors),
        ops=tuple(ops),
        inputs=_ints(main.inputs),
        outputs=_ints(main.outputs),
        subgraphs=len(model.subgraphs),
        minimum_runtime=minimum,
    )


def _tensor(tensor: Any, buffers: Any) -> Tensor:
    data = buffers[tensor.buffer].data
    quantization = tensor.quantization
    scales = () if quantization is None or quantization.scale is None else quantization.scale
    zeros = () if quantization is None or quantization.zeroPoint is None else quantization.zeroPoint
    return Tensor(
        name=(tensor.name or b"").decode(errors="replace"),
        shape=_ints(tensor.shape),
        dtype=_TYPES[tensor.type],
        constant=data is not None and len(data) > 0,
        dynamic=any(length < 0 for length in _ints(tensor.shapeSignature)),
        scales=tuple(map(float, scales)),
        zero_points=_ints(zeros),
        data=b"" if data is None else bytes(data),
    )


def _ints(values: Any) -> tuple[int, ...]:
    return () if values is None else tuple(map(int, values))
