"""From a float network to a TFLite graph with a fixed batch, in the number format a device wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convert.network.source import Source
from convert.network.tensorflow import quiet, tensorflow
from convert.quantizing.bias import corrected
from convert.quantizing.ranges import for_answers, tightened
from convert.quantizing.watch import Watch, unwatched
from edge.errors import Problem

__all__ = ["DEFAULT", "FORMATS", "Format", "Method", "quantize"]

Format = Literal["int8", "uint8", "float16", "dynamic", "float32"]


@dataclass(frozen=True, slots=True)
class Method:
    """How ranges and biases are chosen after calibration."""

    ranges: Literal["extremes", "squares", "answers"] = "answers"
    bias: bool = True

    def __str__(self) -> str:
        return _RANGES[self.ranges] + ", biases corrected" * self.bias


_RANGES = {
    "extremes": "ranges from extreme to extreme",
    "squares": "ranges of least squared error",
    "answers": "ranges of least squared error, the input's by its effect on the answers",
}
DEFAULT = Method()
_ANSWER_BATCHES = 256
_BIAS_BATCHES = 128
FORMATS: tuple[Format, ...] = ("int8", "uint8", "float16", "dynamic", "float32")


def quantize(
    source: Source,
    to: Format,
    calibration: NDArray[np.float32] | None = None,
    *,
    batch: int = 1,
    method: Method = DEFAULT,
    watch: Watch = unwatched,
) -> bytes:
    """Convert; `calibration` holds normalized inputs and is needed for int8 and uint8.

    Weights are quantized per channel, batch-norms are folded into the convolutions before them.
    """
    tf = tensorflow()
    batches = _batches(source, calibration, batch) if to in ("int8", "uint8") else []
    with quiet() as chatter:
        try:
            # Without the model beside it the converter freezes the weights, which calibration needs.
            converter = tf.lite.TFLiteConverter.from_concrete_functions([source.traced(batch)])
            if to != "float32":
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
            if to == "float16":
                converter.target_spec.supported_types = [tf.float16]
            if to == "dynamic":
                # Per channel they need FULLY_CONNECTED version 12, which tflite-runtime 2.14 lacks.
                converter._experimental_disable_per_channel_quantization_for_dense_layers = True  # noqa: SLF001
            if batches:
                converter.representative_dataset = lambda: ([x] for x in watch(batches, "calibrating"))
                converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
                converter.inference_input_type = converter.inference_output_type = tf.dtypes.as_dtype(to)
                converter._experimental_calibrate_only = True  # noqa: SLF001  # the ranges are ours to choose
            converted = converter.convert()
            return _whole(tf, converted, to, batches, method, watch) if batches else converted
        except Exception as error:  # the converter raises many kinds, none of which is documented
            chatter.seek(0)
            raise _explained(source, to, f"{error}\n{chatter.read().decode(errors='replace')}") from error


def _whole(
    tf: Any, calibrated: bytes, to: str, batches: list[NDArray[np.float32]], method: Method, watch: Watch
) -> bytes:
    """The second half of the converter's own way, with our ranges and biases in between."""
    from tensorflow.lite.python.convert import mlir_quantize

    ranged = calibrated if method.ranges == "extremes" else tightened(calibrated, batches, watch)
    if method.ranges == "answers":
        ranged = for_answers(calibrated, ranged, batches[:_ANSWER_BATCHES], watch)
    dtype = tf.dtypes.as_dtype(to)
    quantized = bytes(mlir_quantize(ranged, input_data_type=dtype, output_data_type=dtype))
    return corrected(quantized, calibrated, batches[:_BIAS_BATCHES], watch) if method.bias else quantized


def _batches(source: Source, calibration: NDArray[np.float32] | None, size: int) -> list[NDArray[np.float32]]:
    if calibration is None or not len(calibration):
        raise Problem("Whole-number models need calibration pictures. Name them with --calibration DATA.")
    if calibration.dtype != np.float32 or calibration.shape[1:] != source.shape:
        raise Problem(
            f"The calibration inputs are {calibration.dtype} {calibration.shape[1:]}; "
            f"the network takes float32 {source.shape}."
        )
    if not np.isfinite(calibration).all():
        raise Problem("The calibration inputs hold NaN or infinity. Look for broken pictures in the data.")
    starts = range(0, max(1, len(calibration) - size + 1), size)
    return [np.resize(calibration[start : start + size], (size, *source.shape)) for start in starts]


def _explained(source: Source, to: Format, report: str) -> Problem:
    """Name the operations TFLite lacks and a way out; the converter's own report is pages long."""
    lacking = set(re.findall(r"^\s*(?:tf\.)?(\w+)\s*\{", report, re.MULTILINE))
    lacking |= set(re.findall(r"'tf\.(\w+)' op is neither a custom op nor a flex op", report))
    if lacking:
        ops = ", ".join(sorted(lacking))
        return Problem(
            f"{source.path} cannot become a TFLite model: TFLite lacks {ops}. "
            "Rebuild that layer from convolutions, dense layers and poolings, or run the network from ONNX (--jetson)."
        )
    first = next((line for line in report.splitlines() if line.strip()), "no reason given")
    return Problem(
        f"{source.path} cannot be converted to {to}: {first.strip()} "
        "Try --float32: if that works, an operation has no whole-number version; `convert inspect` lists them."
    )
