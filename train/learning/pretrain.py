"""Train a network from scratch, as on FER-2013 before the transfer to engagement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.audit.prints import fingerprints
from train.audit.twins import twins
from train.datasets.dataset import Dataset
from train.judging.scorer import read_facts
from train.learning.checkpoint import Epoch
from train.learning.recipe import PRETRAIN, Recipe
from train.learning.run import load_model, run
from train.lineage.heritage import inherited

__all__ = ["pretrain", "without_leaks"]


def pretrain(
    dataset: Dataset, folder: Path, recipe: Recipe = PRETRAIN, *, teacher: Path | None = None, audit: str = ""
) -> list[Epoch]:
    """`teacher` is the run folder of another, larger network; its answers become part of the labels."""
    return run(
        dataset,
        folder,
        recipe,
        options={"data": dataset.provenance or dataset.name, "samples": str(len(dataset)), "teacher": str(teacher)},
        teacher=None if teacher is None else _Teacher(teacher, dataset, recipe),
        heritage=inherited(teacher),
        audit=audit,
    )


def without_leaks(dataset: Dataset) -> tuple[Dataset, int]:
    """Leave out training samples that have a near-identical twin in another split, and say how many."""
    training = [n for n, sample in enumerate(dataset.samples) if sample.split == "train"]
    others = [n for n, sample in enumerate(dataset.samples) if sample.split != "train"]
    order = training + others
    pairs = twins(fingerprints(replace(dataset, samples=tuple(dataset.samples[n] for n in order))))
    start = len(training)
    leaking = {order[n] for n in pairs.first[(pairs.first < start) & (pairs.second >= start)].tolist()}
    kept = tuple(sample for n, sample in enumerate(dataset.samples) if n not in leaking)
    return replace(dataset, samples=kept), len(leaking)


class _Teacher:
    """A trained network that answers for the batches its pupil sees."""

    def __init__(self, path: Path, dataset: Dataset, recipe: Recipe) -> None:
        facts = read_facts((path if path.is_dir() else path.parent) / "facts.json")
        theirs = (facts.output.labels, facts.input.width, facts.input.normalization)
        ours = (dataset.labels, recipe.size, recipe.normalization)
        if theirs != ours:
            raise Problem(f"The teacher {path} gives and takes {theirs}, its pupil {ours}: these must be the same.")
        self._model = load_model(path)
        if recipe.precision == "bfloat16":
            # Thrice as fast (torch, AMX); what is mixed into labels need not be finer than what is learned.
            for layer in self._model.layers:
                if layer.name not in {"logits", "shares"}:
                    layer.dtype_policy = "mixed_bfloat16"

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._model.predict_on_batch(x), np.float32)
