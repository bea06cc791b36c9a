"""How long a training will take on this machine: a little of it, timed."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from train.datasets.dataset import Dataset
from train.learning.recipe import Recipe

if TYPE_CHECKING:
    from train.learning.checkpoint import Epoch

__all__ = ["Train", "estimated"]

_STEPS = 16

Train = Callable[[Dataset, Path, Recipe, str], "list[Epoch]"]
"""Trains on a data set into a run folder; the last argument is the audit's sentence."""


def estimated(train: Train, dataset: Dataset, recipe: Recipe) -> float:
    """Seconds for all epochs: of two over a few batches the second is timed; the first builds the network."""
    whole = len(dataset.for_training())
    share = min(1.0, _STEPS * recipe.batch / whole)
    few = _some(dataset, share)
    with TemporaryDirectory() as folder, redirect_stderr(io.StringIO()):
        history = train(few, Path(folder), msgspec.structs.replace(recipe, epochs=2, patience=0), "")
    return recipe.epochs * history[-1].seconds * whole / len(few.for_training())


def _some(dataset: Dataset, share: float) -> Dataset:
    """The same share of every split."""
    random, kept = np.random.default_rng(0), set[int]()
    for split in {sample.split for sample in dataset.samples}:
        rows = [row for row, sample in enumerate(dataset.samples) if sample.split == split]
        kept.update(random.permutation(rows)[: max(1, round(share * len(rows)))].tolist())
    return replace(dataset, samples=tuple(sample for row, sample in enumerate(dataset.samples) if row in kept))
