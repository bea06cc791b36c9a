"""Old pictures among the new ones, so that a network does not forget what it came with.

A second output keeps answering the old question (expressions, say) while the first learns the new
one; it is dropped at the end.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets import read
from train.datasets.dataset import Dataset
from train.learning.feed import Batch, Feed, Material, material
from train.learning.recipe import Recipe

if TYPE_CHECKING:
    import keras

__all__ = ["Rehearsal", "add_rehearsal_option", "batches", "joined", "old_pictures", "rehearsal"]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    pictures: Material
    answers: list[NDArray[np.float32]]
    """Weights of the layer that answered the old question."""


def add_rehearsal_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rehearse", type=Path, metavar="DATA", help="the data that --from was trained on: keep it in mind meanwhile"
    )


def old_pictures(path: Path | None) -> Dataset | None:
    """The training split of what is rehearsed."""
    if path is None:
        return None
    part = read(path).for_training()
    if not part.samples:
        raise Problem(f"{path} has no sample in its train split, so nothing can be learned from it.")
    return part


def rehearsal(dataset: Dataset, source: keras.Model, recipe: Recipe) -> Rehearsal:
    pictures, answers = material(dataset, recipe), source.get_layer("logits").get_weights()
    if answers[-1].shape != (pictures.classes,):
        raise Problem(
            f"--rehearse {dataset.name} has {pictures.classes} labels, but --from answers {len(answers[-1])}."
        )
    return Rehearsal(pictures, answers)


def batches(old: Rehearsal, recipe: Recipe, epoch: int) -> Iterator[Batch]:
    """Without end: an epoch of the new pictures decides how many it takes."""
    share = max(1, round(recipe.batch * recipe.rehearsal))
    feed = Feed(old.pictures, msgspec.structs.replace(recipe, batch=share, class_weights="none"))
    for turn in count():
        yield from feed.epoch(epoch * 1000 + turn)


def joined(new: Batch, old: Batch) -> tuple[NDArray[np.float32], list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """One batch with two questions: pixels, targets, and weights that silence each question for the other's rows."""
    counts = len(new.x), len(old.x)
    whole = sum(counts)
    targets = [
        np.concatenate([new.y, np.zeros((counts[1], new.y.shape[1]), np.float32)]),
        np.concatenate([np.zeros((counts[0], old.y.shape[1]), np.float32), old.y]),
    ]
    # Keras divides by all rows; each question's loss is the mean over its own.
    weights = [
        np.concatenate([new.weights * np.float32(whole / counts[0]), np.zeros(counts[1], np.float32)]),
        np.concatenate([np.zeros(counts[0], np.float32), old.weights * np.float32(whole / counts[1])]),
    ]
    return np.concatenate([new.x, old.x]), targets, weights
