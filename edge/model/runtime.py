"""One TFLite graph, run by LiteRT, by the older tflite-runtime, or on a Coral EdgeTPU."""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem

__all__ = ["Network", "edgetpu_delegate"]

_RUNTIMES = (("ai_edge_litert.interpreter", "ai-edge-litert"), ("tflite_runtime.interpreter", "tflite-runtime"))
_EDGETPU = "libedgetpu.so.1"


class Network:
    """Floats in, floats out, whatever the graph's own number format is."""

    def __init__(self, model: bytes, *, threads: int = 1, delegate: Any = None) -> None:
        module, package = _runtime()
        self.runtime = f"{package} {importlib.metadata.version(package)}" + (" + edgetpu" if delegate else "")
        try:
            self._interpreter = module.Interpreter(
                model_content=model,
                num_threads=threads,
                experimental_delegates=[delegate] if delegate else None,
            )
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise Problem(f"{package} cannot load this model: {_first_line(error)}. Make the bundle again.") from None
        inputs = cast("list[dict[str, Any]]", self._interpreter.get_input_details())
        if len(inputs) != 1:
            raise Problem(f"The model has {len(inputs)} inputs, where one picture was expected.")
        self._input = inputs[0]
        self._outputs = cast("list[dict[str, Any]]", self._interpreter.get_output_details())
        for tensor in (self._input, *self._outputs):
            _check_numbers(tensor)
        self.input_name = str(self._input["name"])
        self.output_names = tuple(str(output["name"]) for output in self._outputs)
        self.input_shape: tuple[int, ...] = tuple(int(n) for n in self._input["shape"])
        self.takes_bytes = _is_bytes(self._input)
        """Whether a picture's bytes already are the graph's "unit" input; `run` then takes them as they are."""
        self.output_shapes: tuple[tuple[int, ...], ...] = tuple(
            tuple(int(n) for n in output["shape"]) for output in self._outputs
        )

    def run(self, x: NDArray[np.float32] | NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Run once on exactly `input_shape`; outputs in the graph's own order."""
        self._interpreter.set_tensor(self._input["index"], _quantized(x, self._input))
        try:
            self._interpreter.invoke()
        except RuntimeError as error:
            raise Problem(
                f"{self.runtime} cannot run this model: {_first_line(error)}. Make the bundle again."
            ) from None
        return tuple(_real(self._interpreter.get_tensor(o["index"]), o) for o in self._outputs)


def _runtime() -> tuple[Any, str]:
    for name, package in _RUNTIMES:
        if importlib.util.find_spec(name.partition(".")[0]):
            return importlib.import_module(name), package
    raise Problem("No TFLite runtime is installed. Install one: pip install ai-edge-litert")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _check_numbers(tensor: dict[str, Any]) -> None:
    kind = np.dtype(tensor["dtype"])
    scale = cast("Sequence[float]", tensor["quantization"])[0]
    if kind != np.float32 and not (kind.name in ("int8", "uint8") and 0 < scale < float("inf")):
        raise Problem(
            f'The model\'s tensor "{tensor["name"]}" holds {kind} (scale {scale:g}), '
            "where float32, or int8 or uint8 with a scale was expected."
        )


def _is_bytes(tensor: dict[str, Any]) -> bool:
    scale, zero = cast("Sequence[float]", tensor["quantization"])
    return tensor["dtype"] is np.uint8 and zero == 0 and abs(scale * 255 - 1) < 1e-3


def _quantized(x: NDArray[np.float32] | NDArray[np.uint8], tensor: dict[str, Any]) -> NDArray[Any]:
    dtype = tensor["dtype"]
    if x.dtype == dtype or not np.issubdtype(dtype, np.integer):
        return x.astype(dtype, copy=False)
    scale, zero = cast("Sequence[float]", tensor["quantization"])
    info = np.iinfo(dtype)
    return np.clip(np.rint(x / scale) + zero, info.min, info.max).astype(dtype)


def _real(x: NDArray[Any], tensor: dict[str, Any]) -> NDArray[np.float32]:
    if not np.issubdtype(tensor["dtype"], np.integer):
        return x.astype(np.float32, copy=False)
    scale, zero = cast("Sequence[float]", tensor["quantization"])
    return (x.astype(np.float32) - np.float32(zero)) * np.float32(scale)


def edgetpu_delegate() -> tuple[Any, str]:
    """The Coral delegate, or None and why it could not be had."""
    module, _ = _runtime()
    try:
        # Asked of the linker first: a delegate that cannot be loaded complains on standard error when it is dropped.
        ctypes.CDLL(_EDGETPU)
        return module.load_delegate(_EDGETPU), ""
    except (OSError, ValueError, RuntimeError) as error:
        return None, str(error).strip() or f"{_EDGETPU} could not be loaded"
