"""Splits for data that come without one: whole subjects, or whole recordings where no subject is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edge.errors import Problem
from train.audit.prints import fingerprints
from train.audit.twins import recordings
from train.datasets.dataset import Dataset

__all__ = ["by_recording", "divided"]

_SPLITS = ("train", "validation", "test")


def by_recording(dataset: Dataset) -> Dataset:
    """Pictures that look like frames of one recording become one group, as if it were a subject."""
    groups = recordings(fingerprints(dataset))
    samples = (replace(s, group=f"recording {n:05d}") for s, n in zip(dataset.samples, groups.tolist(), strict=True))
    return replace(dataset, samples=tuple(samples), provenance=f"{dataset.provenance}, grouped by recording")


def divided(dataset: Dataset, shares: Sequence[float], *, seed: int = 0) -> Dataset:
    """Train, validation and test by groups, so that each gets about its share of the samples of each label.

    Groups are dealt out in a drawn order, each to the split that lacks most of what it brings.
    """
    groups = np.array([sample.group for sample in dataset.samples])
    names, member = np.unique(groups, return_inverse=True)
    if "" in names:
        raise Problem(f"{dataset.name} has samples without a subject. Group them first: --by-recording.")
    if len(shares) != len(_SPLITS) or min(shares) < 0 or sum(shares) <= 0:
        raise Problem("--divide takes three shares: train, validation and test, such as 70 15 15.")
    brings = np.zeros((len(names), len(dataset.labels)))
    np.add.at(brings, (member, [sample.label for sample in dataset.samples]), 1)
    brings /= np.maximum(brings.sum(axis=0), 1)
    lacks = np.outer(np.array(shares) / sum(shares), np.ones(len(dataset.labels)))
    split_of = np.empty(len(names), np.int64)
    order = np.random.default_rng(seed).permutation(len(names))
    for group in sorted(order.tolist(), key=lambda group: -brings[group].sum()):
        split_of[group] = int(np.argmax(lacks @ brings[group]))
        lacks[split_of[group]] -= brings[group]
    samples = (replace(s, split=_SPLITS[split_of[m]]) for s, m in zip(dataset.samples, member.tolist(), strict=True))
    said = f"divided {':'.join(f'{share:g}' for share in shares)} by group, seed {seed}"
    return replace(dataset, samples=tuple(samples), provenance=f"{dataset.provenance}, {said}")
