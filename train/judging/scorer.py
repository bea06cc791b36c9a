"""Any trained network by one call: run folders and Keras files, and our bundles, float or int8."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model import bundle
from edge.model.card import Card, Facts
from edge.model.scores import Classifier
from edge.model.temperature import tempered
from edge.vision.crop import normalize

__all__ = ["Score", "Scorer", "normalized", "open_scorer", "read_facts"]

_BATCH = 256

Score = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""From grey bytes (N x size x size, sequences N x time x size x size) to N x labels."""


@dataclass(frozen=True, slots=True)
class Scorer:
    path: Path
    facts: Facts
    number_format: str
    """`float32` for Keras, or what the bundle's card says."""
    probabilities: Score
    frames: int = 1
    """More than one: it sees sequences of so many."""
    network: Any = None
    """The Keras network; None of a bundle."""


def open_scorer(path: Path) -> Scorer:
    """A run folder, a `.keras` file with `facts.json` beside it, or a bundle."""
    if (path / bundle.CARD).is_file():
        return _bundle(path)
    model = path / "model.keras" if path.is_dir() else path
    if model.suffix == ".keras" and model.is_file():
        return _keras(path, model)
    raise Problem(f"{path} is neither a run folder (model.keras, facts.json), a .keras file nor a bundle (card.json).")


def read_facts(path: Path) -> Facts:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Facts)
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}. `train pretrain` and `transfer` write it.") from None
    except msgspec.DecodeError as error:
        raise Problem(f"{path} does not describe a network: {error}.") from None


def normalized(x: NDArray[np.uint8], facts: Facts) -> NDArray[np.float32]:
    """Grey bytes as the network is given them."""
    side = x.shape[-2:]
    if side != (facts.input.height, facts.input.width):
        raise Problem(
            f"{facts.name} takes {facts.input.height} x {facts.input.width} faces, not {side[0]} x {side[1]}."
        )
    frames = normalize(x.reshape(-1, *side), facts.input.normalization).reshape(*x.shape, 1)
    return np.repeat(frames, 3, axis=-1) if facts.input.channels == 3 else frames


def _bundle(path: Path) -> Scorer:
    try:
        card = msgspec.json.decode((path / bundle.CARD).read_bytes(), type=Card)
    except msgspec.DecodeError as error:
        raise Problem(f"{path / bundle.CARD} is no card: {error}.") from None
    if card.kind == "detector":
        raise Problem(f"{path} finds faces; it does not classify them. Give a bundle for engagement or expressions.")
    loaded = bundle.load(path, kind=card.kind)
    local = threading.local()

    def part(x: NDArray[np.uint8]) -> NDArray[np.float32]:
        # An interpreter serves one thread.
        if not hasattr(local, "classifier"):
            local.classifier = Classifier(loaded)
        return local.classifier.probabilities(normalized(x, card))

    def probabilities(x: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = [x[start : start + _BATCH] for start in range(0, len(x), _BATCH)]
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return np.concatenate(list(pool.map(part, parts)))

    return Scorer(path, card, card.quantization.dtype, probabilities)


def _keras(path: Path, model: Path) -> Scorer:
    import keras

    facts = read_facts(model.with_name("facts.json"))
    try:
        network = keras.saving.load_model(model, compile=False)
    except (ValueError, OSError, TypeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Problem(f"{model} cannot be loaded: {reason}") from None
    _check(model, network, facts)

    def probabilities(x: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = [
            np.asarray(network.predict(normalized(x[start : start + 16 * _BATCH], facts), batch_size=_BATCH, verbose=0))
            for start in range(0, len(x), 16 * _BATCH)
        ]
        out = np.concatenate(parts).astype(np.float32)
        if facts.output.activation == "logits":
            out = np.exp(out - out.max(axis=1, keepdims=True))
        return tempered(out / out.sum(axis=1, keepdims=True), facts.output.temperature)

    frames = network.input_shape[1] if len(network.input_shape) == 5 else 1
    return Scorer(path, facts, "float32", probabilities, frames, network)


def _check(model: Path, network: Any, facts: Facts) -> None:
    asked, labels = facts.input, len(facts.output.labels)
    said = (asked.height, asked.width, asked.channels, labels)
    shapes = [tuple(tensor.shape) for tensor in network.inputs + network.outputs]
    found = (*shapes[0][-3:], shapes[-1][-1])
    if len(shapes) != 2 or found != said:
        raise Problem(
            f"{model} takes {_shape(found)}, but its facts.json says {_shape(said)}. "
            "Give the facts.json that was made with it."
        )


def _shape(sizes: tuple[int, ...]) -> str:
    return f"{' x '.join(map(str, sizes[:-1]))} and gives {sizes[-1]} labels"
