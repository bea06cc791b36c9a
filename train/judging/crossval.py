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
from train.datasets.arrays import Arrays, to_arrays
from train.datasets.dataset import Dataset, Sample
from train.judging.scorer import open_scorer

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
) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.int64]]:
    """Every sample's probabilities, subject and label. `train` makes a run folder from a data set.

    `also` holds further pictures of the same subjects, which are trained on but not scored.
    """
    parts = subject_folds(dataset, folds, seed)
    arrays: Arrays | None = None
    shares = np.zeros((len(dataset), len(dataset.labels)), np.float32)
    for fold in range(folds):
        run = folder / f"fold-{fold + 1}"
        print(f"fold {fold + 1} of {folds}", file=sys.stderr, flush=True)
        kept = tuple(replace(s, split="") for s, part in zip(dataset.samples, parts, strict=True) if part != fold)
        subjects = {sample.group for sample in kept}
        more = tuple(replace(sample, split="") for sample in also if sample.group in subjects)
        train(replace(dataset, samples=kept + more), run)
        scorer = open_scorer(run)
        if arrays is None:
            asked = scorer.facts.input
            wider = (1 + asked.margin) / (1 + dataset.margin) - 1
            arrays = to_arrays(dataset, size=asked.height, margin=wider)
        shares[parts == fold] = scorer.probabilities(arrays.x[parts == fold])
    if arrays is None:
        raise Problem("--folds must be 2 or more.")
    return shares, arrays.groups, arrays.y
