"""Coral's EdgeTPU: what would map to it by the documented rules, and the real compiler where it is installed.

The rules follow the table of supported operations in Coral's documentation, for compiler 14 and newer.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

from convert.graph.flatbuffer import Graph, Op, Tensor
from edge.errors import Problem

__all__ = ["CACHE", "NOT_COMPILED", "Mapping", "check", "compile_model"]

CACHE = 8 * 1024 * 1024
"""Bytes of on-chip memory; part of it holds the program, the rest caches parameters."""
NOT_COMPILED = "not compiled here: edgetpu_compiler is not installed"

_Rule = Callable[[Graph, Op], str]


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the static check expects; a compiler was not asked."""

    operations: tuple[tuple[str, str], ...]
    """Each operation and why it would run on the CPU; an empty reason means that it maps."""
    problems: tuple[str, ...]
    """What keeps the whole model off the EdgeTPU."""
    weights: int

    @property
    def mapped(self) -> int:
        return 0 if self.problems else sum(not why for _, why in self.operations)

    def summary(self) -> str:
        if self.problems:
            return f"cannot be prepared: {self.problems[0]}"
        where = "fit" if self.weights <= CACHE else "do not fit"
        return (
            f"static check: {self.mapped} of {len(self.operations)} operations would map, "
            f"{self.weights / 1024:.0f} KiB of parameters {where} in the {CACHE // 2**20} MiB on chip"
        )


def check(graph: Graph) -> Mapping:
    """Judge every operation. Only what comes before the first CPU operation on its path can map."""
    on_cpu: set[int] = set()
    judged: list[tuple[str, str]] = []
    for op in graph.ops:
        why = _reason(graph, op)
        if not why and on_cpu.intersection(op.inputs):
            why = "comes after an operation on the CPU; only one EdgeTPU part is allowed"
        if why:
            on_cpu.update(op.outputs)
        judged.append((op.name, why))
    return Mapping(tuple(judged), tuple(_model_problems(graph)), graph.weights())


def _model_problems(graph: Graph) -> list[str]:
    problems = []
    ends = [graph.tensors[i] for i in (*graph.inputs, *graph.outputs)]
    if any(tensor.dtype not in ("int8", "uint8") for tensor in ends):
        problems.append("input and output must be int8 or uint8; quantize with --int8 or --uint8")
    if any(tensor.dynamic for tensor in graph.tensors):
        problems.append("a tensor has a changing size; convert with a fixed batch")
    if graph.subgraphs > 1:
        problems.append("the graph holds control flow; unroll its loops")
    return problems


def _reason(graph: Graph, op: Op) -> str:
    rule = _RULES.get(op.name)
    if rule is None:
        return "not on the list of supported operations"
    for tensor in (graph.tensors[i] for i in op.outputs):
        if tensor.dtype not in ("int8", "uint8"):
            return f"works on {tensor.dtype}, not on 8-bit numbers"
        if len(tensor.shape) > 3 and prod(tensor.shape[:-3]) != 1:
            return "only the three innermost dimensions may be larger than 1; use a batch of 1"
    if op.name in _NEED_CONSTANTS and not graph.tensors[op.inputs[1]].constant:
        return "its parameters are not constant"
    if op.version > _VERSIONS.get(op.name, 99):
        return f"version {op.version} is newer than the compiler knows"
    return _ruled(rule, graph, op)


def _ruled(rule: _Rule, graph: Graph, op: Op) -> str:
    try:
        return rule(graph, op)
    except (AttributeError, IndexError, ValueError, ZeroDivisionError):
        return "its parameters are missing or make no sense"


def _fine(_graph: Graph, _op: Op) -> str:
    return ""


def _no_activation(_graph: Graph, op: Op) -> str:
    return "" if op.activation == "none" else "a fused activation is not supported"


def _same_dilation(_graph: Graph, op: Op) -> str:
    return "" if op.options.dilationWFactor == op.options.dilationHFactor else "dilations in x and y differ"


def _dense(graph: Graph, op: Op) -> str:
    if op.options.weightsFormat != 0:
        return "its weights are not in the default format"
    return "" if prod(graph.tensors[op.outputs[0]].shape[:-1]) == 1 else "its output has more than one dimension"


def _concatenation(graph: Graph, op: Op) -> str:
    constants = [graph.tensors[i] for i in op.inputs if graph.tensors[i].constant]
    if constants and (len(op.inputs) != 2 or any(_differs_from_zero(tensor) for tensor in constants)):
        return "a constant may only be joined when it is zero and one of two inputs"
    return _no_activation(graph, op)


def _differs_from_zero(tensor: Tensor) -> bool:
    return any(value != tensor.zero_points[0] for value in tensor.array().ravel())


def _reduction(graph: Graph, op: Op) -> str:
    source, axes = graph.tensors[op.inputs[0]], graph.tensors[op.inputs[1]]
    if not axes.constant:
        return "its axes are not constant"
    reduced = {int(axis) % len(source.shape) for axis in axes.array().ravel()}
    if 0 in reduced:
        return "it reduces over the batch"
    if op.name == "MEAN" and reduced == {len(source.shape) - 1} and source.shape[-1] % 4:
        return "a mean over channels needs a multiple of 4"
    return ""


def _not_over_batch(graph: Graph, op: Op) -> str:
    axis = getattr(op.options, "axis", None)
    if op.name == "SPLIT":
        axis = int(graph.tensors[op.inputs[0]].array().ravel()[0])
    return "it works over the batch" if axis == 0 else ""


def _pad(graph: Graph, op: Op) -> str:
    return "it pads the batch" if graph.tensors[op.inputs[1]].array()[0].any() else ""


def _softmax(graph: Graph, op: Op) -> str:
    shape = graph.tensors[op.inputs[0]].shape
    if prod(shape[:-1]) != 1:
        return "a softmax over more than one dimension"
    return "" if shape[-1] <= 16000 else "a softmax over more than 16,000 elements"


def _strided(graph: Graph, op: Op) -> str:
    plain = (graph.tensors[op.inputs[3]].array() == 1).all() and not (op.options.ellipsisMask or op.options.newAxisMask)
    return "" if plain else "it takes steps, an ellipsis or a new axis"


def _prelu(graph: Graph, op: Op) -> str:
    shape = graph.tensors[op.inputs[1]].shape
    return "" if prod(shape[:-1]) == 1 else "its slopes must be one per channel"


_RULES: dict[str, _Rule] = {
    **dict.fromkeys(
        ("ADD", "DEPTH_TO_SPACE", "EXPAND_DIMS", "L2_NORMALIZATION", "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL"), _fine
    ),
    **dict.fromkeys(("QUANTIZE", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE", "RESIZE_BILINEAR"), _fine),
    **dict.fromkeys(("RESIZE_NEAREST_NEIGHBOR", "RSQRT", "SLICE", "SPACE_TO_DEPTH", "SQUARED_DIFFERENCE"), _fine),
    **dict.fromkeys(("SQUEEZE", "SUB", "TANH", "TRANSPOSE", "TRANSPOSE_CONV", "UNIDIRECTIONAL_SEQUENCE_LSTM"), _fine),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), _no_activation),
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D"), _same_dilation),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"), _reduction),
    **dict.fromkeys(("PACK", "SPLIT"), _not_over_batch),
    "CONCATENATION": _concatenation,
    "FULLY_CONNECTED": _dense,
    "PAD": _pad,
    "PRELU": _prelu,
    "SOFTMAX": _softmax,
    "STRIDED_SLICE": _strided,
}
_NEED_CONSTANTS = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"}
# What TensorFlow 2.5 wrote, on which compiler 16 is built; it refuses CONV_2D version 6, for one.
_VERSIONS = {"ADD": 3, "CONV_2D": 5, "DEPTHWISE_CONV_2D": 6, "FULLY_CONNECTED": 9, "MUL": 4, "SOFTMAX": 3, "PAD": 3}


def compile_model(model: bytes) -> tuple[bytes | None, str]:
    """Run `edgetpu_compiler` where it is on PATH; its result, and what it said in one line."""
    program = shutil.which("edgetpu_compiler")
    if program is None:
        return None, NOT_COMPILED
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "model.tflite"
        source.write_bytes(model)
        done = subprocess.run(  # noqa: S603  # the user's own compiler, with our own file
            [program, "--show_operations", "--out_dir", folder, str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
        compiled = Path(folder) / "model_edgetpu.tflite"
        if done.returncode or not compiled.is_file():
            lines = (done.stderr or done.stdout).strip().splitlines() or ["it gave no reason"]
            raise Problem(f"edgetpu_compiler refused the model: {lines[-1]} Convert without --edgetpu to go on.")
        return compiled.read_bytes(), _read_log(done.stdout)


def _read_log(log: str) -> str:
    wanted = {
        "compiler": r"Edge TPU Compiler version (\S+)",
        "mapped": r"operations that will run on Edge TPU: (\d+)",
        "on CPU": r"operations that will run on CPU: (\d+)",
        "cached": r"memory used for caching model parameters: (\S+)",
        "streamed": r"streaming uncached model parameters: (\S+)",
    }
    found = {name: re.search(pattern, log) for name, pattern in wanted.items()}
    return "compiled: " + ", ".join(f"{name} {match[1]}" for name, match in found.items() if match)
