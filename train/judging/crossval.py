"""Leave-subjects-out cross-validation: every subject is scored by a network that never saw them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.audit.divide import units
from train.datasets.arrays import Arrays
from train.datasets.dataset import Dataset, Sample
from train.judging.evaluate import crops_for
from train.judging.scorer import Score, Scorer, open_scorer

__all__ = ["cross_validate", "subject_folds"]


def subject_folds(dataset: Dataset, folds: int, seed: int) -> NDArray[np.int64]:
    """A fold for every sample. Whole subjects; the rarest label and the sizes are spread as evenly as they go."""
    groups = units(dataset)
    labels = np.array([sample.label for sample in dataset.samples])
    subjects = np.unique(groups)
    if len(subjects) < folds:
        raise Problem(
            f"{dataset.name} has {len(subjects)} subjects (or sessions) that must stay whole; {folds} folds need at "
            "least as many."
        )
    counts = np.bincount(labels, minlength=len(dataset.labels))
    rare = labels == np.where(counts > 0, counts, counts.max() + 1).argmin()
    # Each subject's share of the rare label, and of all samples.
    loads = np.array([[rare[groups == s].sum() / rare.sum(), (groups == s).mean()] for s in subjects])
    order = np.random.default_rng(seed).permutation(len(subjects))
    filled, fold_of = np.zeros(folds), {}
    for index in sorted(order, key=lambda index: -loads[index, 0]):
        chosen = int(filled.argmin())
        fold_of[subjects[index]] = chosen
        filled[chosen] += loads[index].sum()
    return np.array([fold_of[group] for group in groups])


def cross_validate(
    dataset: Dataset,
    folder: Path,
    train: Callable[[Dataset, Path], object],
    *,
    folds: int,
    seed: int,
    also: tuple[Sample, ...] = (),
) -> tuple[Score, Arrays]:
    """The samples as arrays, and what scores them: each row by the network that never saw its subject.

    `train` makes a run folder from a data set. `also` holds further pictures of the same subjects, which are
    trained on but not scored.
    """
    if folds < 2:
        raise Problem("--folds must be 2 or more.")
    parts = subject_folds(dataset, folds, seed)
    scorers: list[Scorer] = []
    for fold in range(folds):
        run = folder / f"fold-{fold + 1}"
        print(f"fold {fold + 1} of {folds}", file=sys.stderr, flush=True)
        kept = tuple(replace(s, split="") for s, part in zip(dataset.samples, parts, strict=True) if part != fold)
        subjects = {sample.group for sample in kept}
        more = tuple(replace(sample, split="") for sample in also if sample.group in subjects)
        train(replace(dataset, samples=kept + more), run)
        scorers.append(open_scorer(run))

    def score(x: NDArray[np.uint8]) -> NDArray[np.float32]:
        shares = np.zeros((len(x), len(dataset.labels)), np.float32)
        for fold, scorer in enumerate(scorers):
            shares[parts == fold] = scorer.probabilities(x[parts == fold])
        return shares

    return score, crops_for(scorers[0].facts.input, dataset)
