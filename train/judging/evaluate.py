"""`train evaluate`: how well a network does on data it has not seen, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model.card import Input, Metric, Reliability
from train.audit.prints import fingerprints
from train.audit.twins import twins
from train.datasets.arrays import Arrays, to_arrays
from train.datasets.dataset import Dataset
from train.datasets.faces import uncropped
from train.datasets.names import BINARY, LEVELS
from train.figures.draws import intervals
from train.figures.measures import Figure, Measures, measure
from train.judging.comparison import Comparison
from train.judging.scorer import Scorer
from train.lineage.heritage import heritage_of
from train.lineage.leaks import leaks

__all__ = ["AS_SEEN", "Evaluation", "crops_for", "evaluate", "matched", "without_twins"]

AS_SEEN = "as-seen"
_NOT_IN_CARD = ("mean engaged", "change a face")


@dataclass(frozen=True, slots=True)
class Evaluation:
    dataset: Dataset
    split: str
    probabilities: NDArray[np.float32]
    """N x the data set's labels."""
    measures: Measures
    notes: tuple[str, ...]
    """What a reader must know before believing the figures."""
    comparisons: tuple[Comparison, ...] = ()
    """The same by condition and by group, where asked for."""
    answers: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """What the network said under each condition, in its own labels."""
    reliability: tuple[Reliability, ...] = ()
    """Of one face's reading, by its height; measured with the conditions."""

    @property
    def leaky(self) -> bool:
        return any(note.startswith("LEAKY") for note in self.notes)

    def card_metrics(self) -> tuple[Metric, ...]:
        note = f"{self.measures.samples} samples, {intervals(self.measures.groups, self.measures.drawn_over)}"
        note = "; ".join((note, *self.notes))
        plain = [self._metric(figure, figure.name, note) for figure in self.measures.figures]
        # Figures by group stay out of the card: it travels farther than the people who were measured agreed to.
        seen = [
            self._metric(figure, f"{figure.name}, {row.name}", note)
            for table in self.comparisons
            if table.name == AS_SEEN
            for row in table.rows[1:]
            for figure in row.figures
            if figure.name not in _NOT_IN_CARD
        ]
        return tuple(metric for metric in (*plain, *seen) if not np.isnan(metric.value))

    def _metric(self, figure: Figure, name: str, note: str) -> Metric:
        return Metric(
            name=name,
            value=round(figure.value, 4),
            low=None if np.isnan(figure.low) else round(figure.low, 4),
            high=None if np.isnan(figure.high) else round(figure.high, 4),
            data=self.dataset.name,
            split=self.split,
            note=note,
        )


def evaluate(scorer: Scorer, dataset: Dataset, *, split: str, seed: int = 0) -> Evaluation:
    """`split` only names what `dataset` holds."""
    if not dataset.samples:
        raise Problem(f"{dataset.name} has no sample to evaluate on.")
    arrays = crops_for(scorer.facts.input, dataset)
    given = scorer.probabilities(arrays.x)
    dataset, probabilities = matched(dataset, given, scorer.facts.output.labels)
    y = np.array([sample.label for sample in dataset.samples], np.int64)
    measures = measure(probabilities, y, arrays.groups, dataset.labels, seed=seed)
    return Evaluation(dataset, split, probabilities, measures, _notes(scorer, dataset, split))


def crops_for(asked: Input, dataset: Dataset) -> Arrays:
    """Every picture cut as wide as the network's faces were, however wide it was cut before."""
    return to_arrays(dataset, size=asked.height, margin=_wider(asked, dataset))


def _wider(asked: Input, dataset: Dataset) -> float:
    return (1 + asked.margin) / (1 + dataset.margin) - 1


def matched(
    dataset: Dataset, probabilities: NDArray[np.float32], labels: tuple[str, ...]
) -> tuple[Dataset, NDArray[np.float32]]:
    """The data set and the network's output, brought to the same labels."""
    if set(labels) == set(dataset.labels):
        return dataset, probabilities[:, [labels.index(label) for label in dataset.labels]]
    if labels == LEVELS and dataset.labels == BINARY:
        # Engaged is everything above the lowest level.
        return dataset, np.column_stack([probabilities[:, 0], probabilities[:, 1:].sum(axis=1)])
    if labels == BINARY and dataset.labels == LEVELS:
        two = tuple(replace(sample, label=int(sample.label > 0), weights=None) for sample in dataset.samples)
        return replace(dataset, labels=BINARY, samples=two), probabilities
    raise Problem(
        f"The network knows {', '.join(labels)}; {dataset.name} is labelled {', '.join(dataset.labels)}. "
        "Choose other --labels, or transfer the network to these labels first."
    )


def without_twins(dataset: Dataset, split: str) -> tuple[Dataset, int]:
    """The split without pictures that have a near-identical twin in the training split, and how many those are."""
    training, held = dataset.only("train"), dataset.only(split)
    if not training.samples or not held.samples or split == "train":
        raise Problem("Twins can be left out only where the data have a train split and another one is evaluated.")
    pairs = twins(fingerprints(replace(dataset, samples=training.samples + held.samples)))
    start = len(training)
    crossing = (pairs.first < start) & (pairs.second >= start)
    seen = set((pairs.second[crossing] - start).tolist())
    kept = tuple(sample for n, sample in enumerate(held.samples) if n not in seen)
    return replace(held, samples=kept), len(seen)


def _notes(scorer: Scorer, dataset: Dataset, split: str) -> tuple[str, ...]:
    wider = _wider(scorer.facts.input, dataset)
    folder = scorer.path if scorer.path.is_dir() else scorer.path.parent
    notes = leaks(heritage_of(scorer.facts, folder), dataset, split=split)
    reason = uncropped(dataset)
    if reason:
        notes.append(reason)
    counts = Counter(sample.label for sample in dataset.samples)
    absent = [label for number, label in enumerate(dataset.labels) if not counts[number]]
    if absent:
        notes.append(f"no picture is labelled {' or '.join(absent)}: nothing was measured of it")
    if not dataset.marks():
        notes.append("no subject is named: faces may be shared with the training data")
    if abs(wider) > 0.05:
        notes.append(
            f"pictures were cut {1 + wider:.2f} times as wide, from margin {dataset.margin:g} to the network's "
            f"{scorer.facts.input.margin:g}"
        )
    return tuple(notes)
