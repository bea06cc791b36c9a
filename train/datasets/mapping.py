"""Labels renamed, joined or left out; and labels and subjects that are one and the same, written differently."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped
from train.datasets.names import ordered

__all__ = ["mapped"]


def mapped(dataset: Dataset, words: Sequence[str]) -> Dataset:
    """`phone=low` calls the label phone low, as others may be called, too; `other=` leaves its samples out."""
    renamed = {label: label for label in dataset.labels}
    for word in words:
        label, equals, name = word.rpartition("=")
        if not equals or label not in renamed:
            raise Problem(f"--map {word}: {dataset.name} has no label {label!r}; it has {', '.join(dataset.labels)}.")
        renamed[label] = name.strip()
    if words:
        dataset = _renamed(dataset, renamed)
    _distinct(dataset.labels, "label", "Write them alike, or join them: --map {0}={1}")
    _distinct(dataset.groups(), "subject", "If they are one person, write them alike; if not, tell them apart better")
    return dataset


def _renamed(dataset: Dataset, names: dict[str, str]) -> Dataset:
    labels = ordered({name for name in names.values() if name})
    places = [labels.index(names[label]) if names[label] else None for label in dataset.labels]
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for sample in dataset.samples:
        place = places[sample.label]
        if place is None:
            skipped.append(Skipped(sample.origin, f"left out by --map {dataset.labels[sample.label]}="))
        else:
            samples.append(replace(sample, label=place, weights=_shares(sample.weights, places, len(labels))))
    if not samples:
        raise Problem(f"--map leaves no sample of {dataset.name}.")
    said = ", ".join(f"{label}={name}" for label, name in names.items() if label != name)
    return replace(
        dataset,
        labels=labels,
        samples=tuple(samples),
        skipped=dataset.skipped + tuple(skipped),
        provenance=f"{dataset.provenance}, labels mapped {said}",
    )


def _shares(weights: tuple[float, ...] | None, places: Sequence[int | None], count: int) -> tuple[float, ...] | None:
    if weights is None:
        return None
    sums = [0.0] * count
    for place, weight in zip(places, weights, strict=True):
        if place is not None:
            sums[place] += weight
    total = sum(sums)
    return tuple(share / total for share in sums) if total else None


def _distinct(names: Iterable[str], what: str, advice: str) -> None:
    known: dict[str, str] = {}
    for name in names:
        plain = unicodedata.normalize("NFKC", name).casefold()
        other = known.setdefault(plain, name)
        if other != name:
            raise Problem(
                f"There are the {what}s {other!r} and {name!r}, which are one but for how they are written. "
                f"{advice.format(name, other)}."
            )
