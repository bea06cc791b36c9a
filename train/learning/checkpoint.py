"""A run's state on disk, whole or not at all, so that a kill at any moment loses one epoch at most."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.files.whole import whole

__all__ = ["Epoch", "load", "read_weights", "save", "write_weights"]

Arrays = list[NDArray[Any]]


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `history.json`."""

    epoch: int
    loss: float
    accuracy: float
    seconds: float
    val_loss: float | None = None
    val_accuracy: float | None = None
    val_macro_f1: float | None = None


def read_weights(model: keras.Model) -> Arrays:
    """All that a model has learned, batch norm statistics included; random states are set anew each epoch."""
    return [np.array(weight.numpy()) for weight in model.weights]


def write_weights(model: keras.Model, weights: Sequence[NDArray[Any]]) -> None:
    model.set_weights(list(weights))


def save(file: Path, model: keras.Model, *, averages: Arrays, best: Arrays, history: list[Epoch]) -> None:
    optimizer = [np.array(variable.numpy()) for variable in model.optimizer.variables]
    parts = {"weights": read_weights(model), "optimizer": optimizer, "averages": averages, "best": best}
    named = {f"{name}.{number}": array for name, arrays in parts.items() for number, array in enumerate(arrays)}
    named["history"] = np.frombuffer(msgspec.json.encode(history), np.uint8)
    with whole(file) as half:
        np.savez(half, **named)  # pyright: ignore[reportArgumentType]


def load(file: Path, model: keras.Model) -> tuple[Arrays, Arrays, list[Epoch]]:
    """Put the state back into the model and its optimizer; gives averages, best weights and history."""
    try:
        with np.load(file) as stored:
            parts = {name: _part(stored, name) for name in ("weights", "optimizer", "averages", "best")}
            history = msgspec.json.decode(stored["history"].tobytes(), type=list[Epoch])
        write_weights(model, parts["weights"])
        for variable, value in zip(model.optimizer.variables, parts["optimizer"], strict=True):
            variable.assign(value)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "it is empty"
        raise Problem(
            f"The checkpoint {file} cannot be read: {reason}. Delete its folder to start the run anew."
        ) from None
    return parts["averages"], parts["best"], history


def _part(stored: Any, name: str) -> Arrays:
    count = sum(key.startswith(f"{name}.") for key in stored.files)
    return [stored[f"{name}.{number}"] for number in range(count)]
