"""What is inside a TFLite file: a table for people, or JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from convert.graph import edgetpu
from convert.graph.flatbuffer import Tensor, parse
from convert.graph.runtimes import legacy_lacks, loads_here

__all__ = ["inspect", "table"]


def inspect(content: bytes, name: str) -> dict[str, Any]:
    """Everything known of a TFLite file, ready for JSON."""
    graph = parse(content, name)
    runtime, refused = loads_here(content)
    lacks = legacy_lacks(graph)
    mapping = edgetpu.check(graph)
    versions = Counter((op.name, op.version) for op in graph.ops)
    return {
        "file": name,
        "bytes": graph.size,
        "inputs": [_tensor(graph.tensors[i]) for i in graph.inputs],
        "outputs": [_tensor(graph.tensors[i]) for i in graph.outputs],
        "macs": graph.total_macs(),
        "weights_bytes": graph.weights(),
        "arena_bytes": graph.peak(),
        "minimum_runtime": graph.minimum_runtime,
        "operations": [
            {
                "name": op,
                "version": version,
                "count": count,
                "macs": sum(graph.macs(o) for o in graph.ops if (o.name, o.version) == (op, version)),
            }
            for (op, version), count in sorted(versions.items())
        ],
        "runtimes": {
            runtime: refused or "loads",
            "tflite-runtime 2.14": f"lacks {', '.join(lacks)}" if lacks else "loads",
        },
        "edgetpu": {
            "summary": mapping.summary(),
            "problems": list(mapping.problems),
            "on_cpu": [{"operation": op, "reason": why} for op, why in mapping.operations if why],
        },
        "tensors": [_tensor(tensor) for tensor in graph.tensors],
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "constant": tensor.constant,
        "bytes": tensor.bytes,
        "quantization": _scale(tensor),
    }


def _scale(tensor: Tensor) -> str:
    if not tensor.scales:
        return ""
    if len(tensor.scales) > 1:
        return f"per channel, {len(tensor.scales)} scales {min(tensor.scales):.3g} to {max(tensor.scales):.3g}"
    return f"scale {tensor.scales[0]:.6g}, zero {tensor.zero_points[0]}"


def table(found: dict[str, Any], *, tensors: bool = False) -> str:
    """The same for people; every tensor only when asked."""
    lines = [
        f"{found['file']}: {found['bytes']:,} bytes, {found['macs']:,} multiplications a run",
        f"{found['weights_bytes']:,} bytes of weights, {found['arena_bytes']:,} bytes of activations at the peak",
    ]
    lines += [f"{way[:-1]:7} {_line(tensor)}" for way in ("inputs", "outputs") for tensor in found[way]]
    lines += ["", f"{'operation':28} {'version':>7} {'count':>6} {'multiplications':>16}"]
    lines += [f"{o['name']:28} {o['version']:7} {o['count']:6} {o['macs']:16,}" for o in found["operations"]]
    lines += ["", *(f"{runtime}: {verdict}" for runtime, verdict in found["runtimes"].items())]
    lines += [f"EdgeTPU: {found['edgetpu']['summary']}", *(f"  {why}" for why in found["edgetpu"]["problems"])]
    lines += [f"  {entry['operation']}: {entry['reason']}" for entry in found["edgetpu"]["on_cpu"]]
    if tensors:
        lines += ["", *(_line(tensor) for tensor in found["tensors"])]
    return "\n".join(lines)


def _line(tensor: dict[str, Any]) -> str:
    shape = "x".join(map(str, tensor["shape"])) or "scalar"
    kind = "constant" if tensor["constant"] else ""
    return f"{shape:16} {tensor['dtype']:8} {kind:8} {tensor['quantization']:48} {tensor['name']}".rstrip()
