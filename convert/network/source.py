"""The float network a conversion starts from: a run folder, a Keras file or a SavedModel."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from convert.network.tensorflow import quiet, tensorflow
from edge.errors import Problem
from edge.model.card import Facts

__all__ = ["Source", "calling", "facts_of", "load"]

FACTS = "facts.json"
KERAS = "model.keras"


@dataclass(frozen=True, slots=True)
class Source:
    """A float network that can be traced with any fixed batch."""

    path: Path
    call: Callable[[Any], Any]
    shape: tuple[int, ...]
    """Of one input, without the batch."""
    activation: Literal["softmax", "logits", "none"]
    parameters: int
    model: Any = None
    """The Keras model, where the source is one."""

    def traced(self, batch: int) -> Any:
        """A concrete function with no dynamic dimension: EdgeTPU cannot map the operations those leave."""
        tf = tensorflow()
        spec = tf.TensorSpec((batch, *self.shape), tf.float32)
        return tf.function(self.call, input_signature=[spec]).get_concrete_function()

    def predict(self, x: NDArray[np.float32], *, batch: int = 64) -> NDArray[np.float32]:
        tf = tensorflow()
        spec = tf.TensorSpec((None, *self.shape), tf.float32)
        run = tf.function(self.call, input_signature=[spec])
        with quiet():
            return np.concatenate([run(x[start : start + batch]).numpy() for start in range(0, len(x), batch)])

    def with_softmax(self) -> Source:
        if self.activation == "softmax":
            return self
        tf, inner = tensorflow(), self.call
        return replace(self, call=lambda x: tf.nn.softmax(inner(x)), activation="softmax")

    def with_logits(self) -> Source:
        if self.activation != "softmax":
            return self
        if self.model is None:
            raise Problem(f"The softmax inside the SavedModel {self.path} cannot be cut off. Give the Keras model.")
        import keras

        model = keras.models.clone_model(self.model)
        model.set_weights(self.model.get_weights())
        last = model.layers[-1]
        if isinstance(last, keras.layers.Softmax):
            model = keras.Model(model.inputs, last.input)
        else:
            last.activation = keras.activations.linear
        return replace(self, call=calling(model), activation="logits", model=model)


def load(path: Path) -> Source:
    """Load a float network and refuse what no quantizer could make sense of."""
    if not path.exists():
        raise Problem(f"{path} does not exist. Give a run folder of `train`, a .keras or .h5 file, or a SavedModel.")
    tf = tensorflow()
    if (path / "saved_model.pb").is_file():
        source, weights = _saved_model(tf, path)
    else:
        file = path / KERAS if path.is_dir() else path
        if not file.is_file():
            raise Problem(f"{path} holds neither {KERAS} nor saved_model.pb. Give a run folder of `train`.")
        source, weights = _keras_model(file)
    for name, values in weights:
        if not np.isfinite(values).all():
            raise Problem(
                f"{source.path}: the weights {name} hold NaN or infinity, so training went wrong. "
                "Train again with a lower learning rate, or take an earlier checkpoint."
            )
    return source


def facts_of(model: Path, named: Path | None) -> Facts:
    """`facts.json` as named, or as found in the run folder or beside the model."""
    file = named or (model / FACTS if (model / FACTS).is_file() else model.with_name(FACTS))
    try:
        return msgspec.json.decode(file.read_bytes(), type=Facts)
    except OSError as error:
        raise Problem(
            f"{file} cannot be read: {error.strerror}. It says what the network takes and gives; `train` writes it "
            "beside model.keras. Name it with --facts FILE."
        ) from None
    except msgspec.DecodeError as error:
        raise Problem(f"{file} is damaged or not made by `train`: {error}. Train or export again.") from None


def _keras_model(file: Path) -> tuple[Source, list[tuple[str, NDArray]]]:
    import keras

    # Layer names count up within a process; started afresh, the same model gives the same bytes.
    keras.backend.clear_session()
    try:
        with quiet():
            model = keras.saving.load_model(file, compile=False)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        reason = str(error).strip().splitlines()[0]
        if "Could not locate class" in str(error):
            raise Problem(
                f"{file} uses a layer that is not part of Keras: {reason} "
                "Where the layer is defined, write a SavedModel with model.export(FOLDER) and convert that."
            ) from None
        raise Problem(f"{file} is not a Keras model: {reason}") from None
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise Problem(
            f"{file} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; "
            "a network with one of each is needed. Split it before converting."
        )
    for layer in model._flatten_layers():  # noqa: SLF001  # the only walk that knows every wrapper
        if getattr(layer, "unroll", None) is False:
            # A loop in the graph can be neither quantized nor mapped; its unrolled steps can.
            layer.unroll = True
    last = model.layers[-1]
    activation = getattr(last, "activation", None)
    softmax = isinstance(last, keras.layers.Softmax) or activation is keras.activations.softmax
    source = Source(
        path=file,
        call=calling(model),
        shape=_fixed(file, model.inputs[0].shape[1:]),
        activation="softmax" if softmax else "logits",
        parameters=model.count_params(),
        model=model,
    )
    return source, [(weight.path, weight.numpy()) for weight in model.weights]


def calling(model: Any) -> Callable[[Any], Any]:
    return lambda x: model(x, training=False)


def _saved_model(tf: Any, path: Path) -> tuple[Source, list[tuple[str, NDArray]]]:
    try:
        with quiet():
            loaded = tf.saved_model.load(str(path))
    except Exception as error:  # noqa: BLE001  # the loader raises whatever its parts raise
        raise Problem(f"{path} is not a SavedModel that can be read: {error}") from None
    if "serving_default" not in loaded.signatures:
        raise Problem(f"{path} has no serving_default signature. Export it again with model.export(FOLDER).")
    signature = loaded.signatures["serving_default"]
    inputs = signature.structured_input_signature[1]
    outputs = signature.structured_outputs
    if len(inputs) != 1 or len(outputs) != 1:
        raise Problem(f"{path} has {len(inputs)} inputs and {len(outputs)} outputs; one of each is needed.")
    (name, spec), (out,) = next(iter(inputs.items())), outputs
    source = Source(
        path=path,
        # Holding on to `loaded` keeps its variables alive.
        call=lambda x, loaded=loaded: loaded.signatures["serving_default"](**{name: x})[out],
        shape=_fixed(path, spec.shape[1:]),
        activation="softmax" if _ends_in_softmax(signature) else "logits",
        parameters=sum(int(np.prod(v.shape)) for v in signature.variables),
    )
    return source, [(v.name, v.numpy()) for v in signature.variables if v.dtype.is_floating]


def _ends_in_softmax(signature: Any) -> bool:
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    op = convert_variables_to_constants_v2(signature).graph.outputs[0].op
    while op.type == "Identity":
        op = op.inputs[0].op
    return op.type == "Softmax"


def _fixed(path: Path, shape: Sequence[int | None]) -> tuple[int, ...]:
    if any(size is None for size in shape):
        sizes = " x ".join("?" if size is None else str(size) for size in shape)
        raise Problem(
            f"{path} takes inputs of a changing size ({sizes}); a device needs fixed sizes. "
            "Build the network with a fixed input, keras.Input((48, 48, 1)) for example, and load its weights."
        )
    return tuple(int(size) for size in shape if size is not None)
