"""Leave-subjects-out cross-validation: every subject is tested by a network that never saw it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from edge.errors import Problem
from train.datasets.arrays import to_arrays
from train.datasets.dataset import Dataset
from train.evaluate import Evaluation
from train.metrics import measure
from train.pretrain import pretrain
from train.recipe import Recipe
from train.scorer import open_scorer
from train.transfer import transfer

__all__ = ["cross_validate", "held_out"]


def held_out(dataset: Dataset, folds: int, *, seed: int = 0) -> NDArray[np.int64]:
    """For every sample the fold that tests it; a subject is in one fold, labels are spread evenly."""
    subjects = np.array([sample.group for sample in dataset.samples])
    if (subjects == "").any():
        raise Problem(f"{dataset.name} has samples without a subject: folds by subject cannot be made.")
    most = len(np.unique(subjects))
    if not 2 <= folds <= most:
        raise Problem(f"{folds} folds cannot be made of {most} subjects; choose 2 to {most}.")
    labels = np.array([sample.label for sample in dataset.samples])
    fold = np.empty(len(labels), np.int64)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(splitter.split(labels, labels, subjects)):
        fold[held] = number
    return fold


def cross_validate(
    dataset: Dataset, recipe: Recipe, folder: Path, *, folds: int, source: Path | None = None, seed: int = 0
) -> Evaluation:
    """Train `folds` networks (a transfer, if there is a `source`) and pool what each says of its held-out subjects.

    Nothing is selected on the held-out subjects: the folds depend on `seed` only, and every run keeps
    its last epoch. A fold that was finished before is not trained again.
    """
    fold = held_out(dataset, folds, seed=seed)
    dataset = replace(dataset, samples=tuple(replace(sample, split="") for sample in dataset.samples))
    recipe = msgspec.structs.replace(recipe, select="last", patience=0)
    probabilities = np.empty((len(dataset), len(dataset.labels)), np.float32)
    subjects: dict[str, list[str]] = {}
    for number in range(folds):
        held = np.flatnonzero(fold == number)
        training = replace(dataset, samples=tuple(dataset.samples[n] for n in np.flatnonzero(fold != number)))
        tested = replace(dataset, samples=tuple(dataset.samples[n] for n in held))
        run = folder / f"fold-{number + 1}"
        print(f"Fold {number + 1} of {folds}: tests {', '.join(tested.groups())}", flush=True)
        if not (run / "facts.json").exists():
            if source is None:
                pretrain(training, run, recipe)
            else:
                transfer(training, source, run, recipe)
        arrays = to_arrays(tested, size=recipe.size, margin=recipe.margin)
        probabilities[held] = open_scorer(run).probabilities(arrays.x)
        subjects[run.name] = list(tested.groups())
    (folder / "folds.json").write_bytes(msgspec.json.format(msgspec.json.encode(subjects), indent=1))
    arrays_of_labels = np.array([sample.label for sample in dataset.samples], np.int64)
    groups = np.array([sample.group for sample in dataset.samples])
    measures = measure(probabilities, arrays_of_labels, groups, dataset.labels)
    what = f"{recipe.network}, {'from scratch' if source is None else f'from {source.name}'}, seed {recipe.seed}"
    note = f"{folds} folds by subject, drawn with seed {seed}; {what}; {recipe.epochs} epochs, the last one kept"
    return Evaluation(dataset, f"{folds}-folds", probabilities, measures, (note,))
