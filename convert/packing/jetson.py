"""The Jetson path: the float network as ONNX, checked, with what `trtexec` needs to build an INT8 engine."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.network.source import Source
from convert.network.tensorflow import quiet, tensorflow
from edge.errors import Problem

__all__ = ["CALIBRATION", "COMMAND", "ONNX", "calibration_cache", "export"]

ONNX = "model.onnx"
CALIBRATION = "model.calib"
COMMAND = f"trtexec --onnx={ONNX} --int8 --fp16 --calib={CALIBRATION} --saveEngine=model.engine"
_HEADER = "TRT-100300-EntropyCalibration2"
"""TensorRT 10.3, which JetPack 6.1 and 6.2 carry."""
_OPSET = 17
_TOLERANCE = 1e-4


def export(source: Source, probe: NDArray[np.float32]) -> bytes:
    """The network as ONNX with a batch of 1; refused unless it gives the same numbers on `probe`."""
    tf = tensorflow()
    ort = _onnxruntime()
    try:
        import tf2onnx
    except ImportError as error:
        raise _missing(error) from None
    spec = [tf.TensorSpec((1, *source.shape), tf.float32, name="input")]
    with quiet() as chatter:
        try:
            model, _ = tf2onnx.convert.from_function(
                tf.function(source.call, input_signature=spec), input_signature=spec, opset=_OPSET
            )
        except Exception as error:  # noqa: BLE001  # an operation without a translation ends in any kind of error
            chatter.seek(0)
            lines = [*chatter.read().decode(errors="replace").splitlines(), str(error)]
            raise Problem(f"{source.path} cannot be written as ONNX: {lines[-1]}") from None
    content = model.SerializeToString()
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    found = np.concatenate([session.run(None, {name: row[None]})[0] for row in probe])
    apart = float(np.abs(found - source.predict(probe)).max())
    if not apart <= _TOLERANCE:
        raise Problem(f"The ONNX form of {source.path} differs by {apart:.2g} from the network itself; it is not used.")
    return content


def calibration_cache(content: bytes, calibration: NDArray[np.float32]) -> bytes:
    """TensorRT's calibration cache: for every tensor the step of its symmetric 8-bit scale.

    The first line names the TensorRT version; another version wants its own number there.
    """
    ort = _onnxruntime()
    import onnx

    model = onnx.load_from_string(content)
    kept = [value.name for value in (*model.graph.input, *model.graph.output)]
    inner = [name for node in model.graph.node for name in node.output if name and name not in kept]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0].name
    names = [given, *(output.name for output in session.get_outputs())]
    largest = dict.fromkeys(names, 0.0)
    for row in calibration:
        values: list[Any] = [row[None], *session.run(None, {given: row[None]})]
        for name, value in zip(names, values, strict=True):
            if value.dtype == np.float32:
                largest[name] = max(largest[name], float(np.abs(value).max(initial=0)))
    lines = [f"{name}: {_hexadecimal(top / 127)}" for name, top in sorted(largest.items()) if top > 0]
    return "\n".join([_HEADER, *lines, ""]).encode()


def _hexadecimal(step: float) -> str:
    return struct.pack(">f", step).hex()


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise _missing(error) from None
    return onnxruntime


def _missing(error: ImportError) -> Problem:
    return Problem(
        f"The ONNX form needs a package that is missing ({error}). Install: pip install 'edge-engage[convert]'"
    )
