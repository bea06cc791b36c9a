"""Every figure by group of people, as a manifest's further columns name them, and the widest gap between groups."""

from __future__ import annotations

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.dataset import Dataset, is_sequence
from train.datasets.faces import biggest_face
from train.figures.brief import brief, mean, worth
from train.figures.draws import Draws, Floats, draw, estimate
from train.judging.comparison import Comparison, Gap, Row, figures_of
from train.judging.evaluate import matched

__all__ = ["by_group", "faces_found", "has_column"]

_NOT_GIVEN = "(not given)"
_FEW = 10
"""Subjects; an interval drawn over fewer says little."""


def has_column(dataset: Dataset, column: str) -> None:
    known = sorted({name for sample in dataset.samples for name in sample.traits})
    if column not in known:
        raise Problem(
            f"{dataset.name} has no further column {column!r}; it has {', '.join(known) or 'none'}. "
            "Add a column to the manifest: one word for each picture, such as its group of age."
        )


def faces_found(dataset: Dataset) -> NDArray[np.bool_]:
    """Whether the device's detector finds a face in each picture as it is; of a sequence, in its middle."""
    local = threading.local()

    def one(image: NDArray[np.uint8]) -> bool:
        if not hasattr(local, "find"):
            local.find = biggest_face()
        return local.find(image[len(image) // 2] if is_sequence(image) else image) is not None

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return np.array(list(pool.map(lambda sample: one(sample.load()), dataset.samples)))


def by_group(
    column: str,
    dataset: Dataset,
    given: NDArray[np.float32],
    labels: tuple[str, ...],
    *,
    condition: str = "",
    found: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Comparison:
    """`given` are the network's answers in its own `labels`. All groups share their draws of subjects."""
    traits = np.array([sample.traits.get(column) or _NOT_GIVEN for sample in dataset.samples])
    draws = draw(np.array([sample.group for sample in dataset.samples]), seed=seed)
    drawn: dict[str, dict[str, Floats]] = {}
    rows: list[Row] = []
    for name in sorted(set(traits.tolist()), key=lambda name: (name == _NOT_GIVEN, name)):
        inside = traits == name
        here = Draws(draws.members[inside], draws.times)
        drawn[name] = _figures(here, dataset, given, labels, inside, found)
        subjects = len(np.unique(here.members))
        rows.append(Row(name=name, samples=int(inside.sum()), subjects=subjects, figures=figures_of(drawn[name])))
    few = [f"{row.name} ({row.subjects})" for row in rows if row.subjects < _FEW]
    notes = (f"fewer than {_FEW} subjects, so the intervals say little: {', '.join(few)}",) if few else ()
    slug = re.sub(r"[^\w]+", "-", f"{column} {condition}".lower()).strip("-")
    title = f"By {column}" + (f", {condition}" if condition else "")
    return Comparison(name=f"by-{slug}", title=title, rows=tuple(rows), gaps=_gaps(drawn), notes=notes)


def _figures(
    draws: Draws,
    dataset: Dataset,
    given: NDArray[np.float32],
    labels: tuple[str, ...],
    inside: NDArray[np.bool_],
    found: NDArray[np.bool_] | None,
) -> dict[str, Floats]:
    fitting, p = matched(dataset, given, labels)
    y = np.array([sample.label for sample in fitting.samples], np.int64)[inside]
    figures = brief(draws, p[inside].astype(float), y, fitting.labels)
    value, true = worth(labels), worth(dataset.labels)
    if value is not None:
        engaged = given[inside].astype(float) @ value
        figures["mean engaged"] = mean(draws, engaged)
        if true is not None and len(true) == len(value):
            # Groups may really differ; what is read above or below the label may not.
            figures["engaged over label"] = mean(draws, engaged - true[y])
    if found is not None:
        figures["face found"] = mean(draws, found[inside].astype(float))
    return figures


def _gaps(drawn: dict[str, dict[str, Floats]]) -> tuple[Gap, ...]:
    """The widest gap in every figure that two groups have; its interval is that of this pair's difference."""
    named = {name: figures for name, figures in drawn.items() if name != _NOT_GIVEN}
    gaps: list[Gap] = []
    for figure in dict.fromkeys(figure for figures in named.values() for figure in figures):
        values = {name: f[figure] for name, f in named.items() if figure in f and np.isfinite(f[figure][0])}
        if len(values) < 2:
            continue
        most, least = (choose(values, key=lambda name: values[name][0]) for choose in (max, min))
        apart = estimate(values[most] - values[least])
        gaps.append(Gap(figure=figure, most=most, least=least, value=apart.value, low=apart.low, high=apart.high))
    return tuple(gaps)
