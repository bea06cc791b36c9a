"""How sure a network should be: measured on people left out of training, kept as one number in its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from edge.errors import Problem
from edge.model.card import Metric
from train.figures.calibration import best_temperature, left_out, trust
from train.figures.change import compare
from train.figures.draws import Estimate
from train.figures.seeds import mean
from train.files.whole import write_json
from train.judging.predictions import Predictions
from train.judging.scorer import read_facts

__all__ = ["Calibrated", "calibrated", "record"]

_FEWEST = 5
"""People; fewer say little of how sure a network may be of strangers."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    temperature: float
    subjects: int
    figures: dict[str, dict[str, Estimate]]
    """Calibration error and log loss: before, after, change; a mean over the cross-validations."""


def calibrated(folds: Sequence[Predictions]) -> Calibrated:
    """The temperature that ships comes from everybody; what it does is measured with each person's left out."""
    p = np.concatenate([one.probabilities for one in folds])
    y, groups = (np.concatenate([getattr(one, name) for one in folds]) for name in ("y", "groups"))
    people = np.unique(groups)
    if "" in people or len(people) < _FEWEST:
        named = 0 if "" in people else len(people)
        raise Problem(
            f"{folds[0].file} names {named} subjects; a temperature takes at least {_FEWEST} people left out."
        )
    after, start, changes = left_out(p, y, groups), 0, list[dict[str, dict[str, Estimate]]]()
    for one in folds:
        theirs = after[start : start + len(one.y)]
        changes.append(compare(one.y, one.groups, one.probabilities, theirs, seed=0, figures=trust))
        start += len(one.y)
    figures = {
        name: {part: mean([change[name][part] for change in changes]) for part in parts}
        for name, parts in changes[0].items()
    }
    return Calibrated(round(best_temperature(p, y), 4), len(people), figures)


def record(done: Calibrated, facts: Path, folds: Sequence[Predictions]) -> None:
    """Into the run's facts, from which `convert` makes the card; an earlier calibration's figures go."""
    held = read_facts(facts)
    note = (
        f"on people left out of training, {len(folds)} cross-validation{'s' * (len(folds) > 1)}; "
        f"95 % over {done.subjects} subjects; after: each at the temperature that all the others ask for"
    )
    new = tuple(
        Metric(
            name=f"{name} {part} calibration",
            value=round(found[part].value, 4),
            low=round(found[part].low, 4),
            high=round(found[part].high, 4),
            data=held.training.data if held.training else "",
            split=folds[0].file.stem,
            note=note,
        )
        for name, found in done.figures.items()
        for part in ("before", "after")
    )
    names = {metric.name for metric in new}
    others = tuple(metric for metric in held.metrics if metric.name not in names)
    output = msgspec.structs.replace(held.output, temperature=done.temperature)
    write_json(facts, msgspec.structs.replace(held, output=output, metrics=(*others, *new)))
