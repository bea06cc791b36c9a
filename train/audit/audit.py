"""`train audit`: what a data set hides that would make a score too good to be true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.audit.enough import too_few
from train.audit.format import format_leak
from train.audit.prints import fingerprints
from train.audit.result import NO_CROPS, Audit, Crossing, Finding, Recording, findings
from train.audit.twins import Twins, recordings, twins
from train.datasets.dataset import Dataset
from train.datasets.faces import uncropped
from train.datasets.names import splits_in_order

__all__ = ["audit"]

_EXAMPLES = 20


def audit(dataset: Dataset, *, seed: int = 0) -> Audit:
    if not dataset.samples:
        raise Problem(f"{dataset.name} holds no sample to audit.")
    labels = np.array([sample.label for sample in dataset.samples], np.int64)
    splits = np.array([sample.split for sample in dataset.samples])
    subjects = np.array([sample.group for sample in dataset.samples])
    prints = fingerprints(dataset)
    pairs = twins(prints)
    recorded = recordings(prints)
    conflicting = labels[pairs.first] != labels[pairs.second]
    equal = prints.digests[pairs.first] == prints.digests[pairs.second]
    crossing_splits = _crossings(pairs, splits)
    crossing_subjects = _crossings(pairs, subjects)
    # Without named subjects, what looks alike must stay together.
    held = recorded if not subjects.any() else np.unique(subjects, return_inverse=True)[1].astype(np.int64)
    result = Audit(
        data=dataset.name,
        provenance=dataset.provenance,
        samples=len(dataset),
        skipped=tuple((skipped.origin, skipped.reason) for skipped in dataset.skipped),
        by_split=_counts(splits, labels, dataset.labels, splits_in_order(splits.tolist())),
        by_subject=_counts(subjects, labels, dataset.labels) if subjects.any() else {},
        subjects_in_two_splits=_overlap(subjects, splits),
        sessions_in_two_splits=_overlap(np.array([sample.session for sample in dataset.samples]), splits),
        identical=_pictures(pairs, equal),
        near_identical=_pictures(pairs, np.ones(len(pairs), bool)),
        mirrored=_pictures(pairs, pairs.mirrored),
        across_splits=crossing_splits,
        across_subjects=crossing_subjects,
        conflicts=_pictures(pairs, conflicting),
        examples=_examples(dataset, pairs, splits, conflicting),
        recordings=_recordings(recorded, labels, dataset.labels),
        format=format_leak(prints.formats, labels, held, seed=seed),
    )
    return msgspec.structs.replace(result, findings=(*too_few(dataset), *_crops(dataset), *findings(result)))


def _crops(dataset: Dataset) -> Iterator[Finding]:
    reason = uncropped(dataset)
    if reason:
        yield Finding("warning", NO_CROPS, f"{reason}.")


def _counts(
    keys: NDArray[np.str_], labels: NDArray[np.int64], names: tuple[str, ...], order: Sequence[str] = ()
) -> dict[str, dict[str, int]]:
    return {
        str(key): {name: int(np.sum(labels[keys == key] == n)) for n, name in enumerate(names)}
        for key in order or np.unique(keys)
    }


def _overlap(subjects: NDArray[np.str_], splits: NDArray[np.str_]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for subject, split in zip(subjects.tolist(), splits.tolist(), strict=True):
        if subject and split:
            found[subject].add(split)
    return {subject: tuple(sorted(where)) for subject, where in sorted(found.items()) if len(where) > 1}


def _pictures(pairs: Twins, which: NDArray[np.bool_]) -> int:
    return len(np.unique(np.concatenate([pairs.first[which], pairs.second[which]])))


def _crossings(pairs: Twins, sides: NDArray[np.str_]) -> tuple[Crossing, ...]:
    """Only where both sides are named: pictures without a split or a subject cross nothing."""
    a, b = sides[pairs.first], sides[pairs.second]
    apart = (a != b) & (a != "") & (b != "")
    order = {"train": "0", "validation": "1", "test": "2"}
    found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for first, second in zip(pairs.first[apart].tolist(), pairs.second[apart].tolist(), strict=True):
        early, late = sorted((first, second), key=lambda row: order.get(str(sides[row]), str(sides[row])))
        found[str(sides[early]), str(sides[late])].append(late)
    return tuple(
        Crossing(between=between, pairs=len(late), pictures=len(set(late))) for between, late in sorted(found.items())
    )


def _examples(
    dataset: Dataset, pairs: Twins, splits: NDArray[np.str_], conflicting: NDArray[np.bool_]
) -> tuple[tuple[str, str, str], ...]:
    crossing = splits[pairs.first] != splits[pairs.second]
    worst_first = np.argsort(-(2 * crossing + conflicting.astype(int)), kind="stable")[:_EXAMPLES]
    return tuple(
        (
            dataset.samples[pairs.first[n]].origin,
            dataset.samples[pairs.second[n]].origin,
            " and ".join([*["across splits"] * bool(crossing[n]), *["labels differ"] * bool(conflicting[n])])
            or "twins",
        )
        for n in worst_first
    )


def _recordings(
    recorded: NDArray[np.int64], labels: NDArray[np.int64], names: tuple[str, ...]
) -> tuple[Recording, ...]:
    found: list[Recording] = []
    for n, name in enumerate(names):
        shares = np.unique(recorded[labels == n], return_counts=True)[1] / max(1, int(np.sum(labels == n)))
        if len(shares):
            effective = float(1 / np.sum(shares**2))
            pictures = int(np.sum(labels == n))
            found.append(Recording(label=name, pictures=pictures, largest=float(shares.max()), effective=effective))
    return tuple(found)
