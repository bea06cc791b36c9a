"""Splits for data that come without one: whole subjects, or whole recordings where no subject is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.audit.prints import fingerprints
from train.audit.twins import clusters, recordings
from train.datasets.dataset import Dataset

__all__ = ["by_recording", "divided", "units"]

_SPLITS = ("train", "validation", "test")


def by_recording(dataset: Dataset) -> Dataset:
    """Pictures that look like frames of one recording become one group, as if it were a subject."""
    groups = recordings(fingerprints(dataset))
    samples = (replace(s, group=f"recording {n:05d}") for s, n in zip(dataset.samples, groups.tolist(), strict=True))
    return replace(dataset, samples=tuple(samples), provenance=f"{dataset.provenance}, grouped by recording")


def units(dataset: Dataset) -> NDArray[np.int64]:
    """For every sample the number of what must stay whole with it: its subject, its session, or all that hang together.

    With sessions of several subjects, and subjects in several sessions, one may lead to the next.
    """
    kinds = {"subject": ("group",), "session": ("session",), "both": ("group", "session")}[dataset.whole]
    first: dict[tuple[str, str], int] = {}
    links: list[tuple[int, int]] = []
    for row, sample in enumerate(dataset.samples):
        names = [(kind, name) for kind in kinds if (name := getattr(sample, kind))]
        if not names:
            lacking = "session. Name them: --session-column" if kinds == ("session",) else "subject"
            raise Problem(f"{dataset.name} has samples without a {lacking}. Or group what looks alike: --by-recording.")
        links += [(first.setdefault(name, row), row) for name in names]
    pairs = np.array(links, np.int64)
    numbers = clusters(pairs[:, 0], pairs[:, 1], len(dataset.samples)).tolist()
    least: dict[int, str] = {}
    for number, sample in zip(numbers, dataset.samples, strict=True):
        name = next(name for kind in kinds if (name := getattr(sample, kind)))
        least[number] = min(name, least.get(number, name))
    # Numbered by their names: a seed then deals them out alike, in whatever order the samples come.
    return np.unique([f"{least[number]}\0{number}" for number in numbers], return_inverse=True)[1].astype(np.int64)


def divided(dataset: Dataset, shares: Sequence[float], *, seed: int = 0) -> Dataset:
    """Train, validation and test by groups, so that each gets about its share of the samples of each label.

    Groups are dealt out in a drawn order, each to the split that lacks most of what it brings.
    """
    # Not a number is not 0 or more, either.
    if len(shares) != len(_SPLITS) or not all(0 <= share < np.inf for share in shares) or sum(shares) <= 0:
        raise Problem("--divide takes three shares: train, validation and test, such as 70 15 15.")
    member = units(dataset)
    count, wanted = int(member.max()) + 1, [split for split, share in enumerate(shares) if share > 0]
    if count < len(wanted):
        kept = f"{count} {'subject' if count == 1 else 'subjects'} that must stay whole"
        raise Problem(f"{dataset.name} has {kept}: too few for {len(wanted)} splits. Name fewer, or use --folds.")
    brings = np.zeros((count, len(dataset.labels)))
    np.add.at(brings, (member, [sample.label for sample in dataset.samples]), 1)
    brings /= np.maximum(brings.sum(axis=0), 1)
    lacks = np.outer(np.array(shares) / sum(shares), np.ones(len(dataset.labels)))
    split_of, empty = np.empty(count, np.int64), set(wanted)
    order = np.random.default_rng(seed).permutation(count)
    for dealt, group in enumerate(sorted(order.tolist(), key=lambda group: -brings[group].sum())):
        # No split that is asked for stays empty: the last groups are kept for them.
        open_to = sorted(empty) if count - dealt <= len(empty) else wanted
        split = open_to[int(np.argmax(lacks[open_to] @ brings[group]))]
        split_of[group] = split
        lacks[split] -= brings[group]
        empty.discard(split)
    samples = (replace(s, split=_SPLITS[split_of[m]]) for s, m in zip(dataset.samples, member.tolist(), strict=True))
    said = f"divided {':'.join(f'{share:g}' for share in shares)} by group, seed {seed}"
    return replace(dataset, samples=tuple(samples), provenance=f"{dataset.provenance}, {said}")
