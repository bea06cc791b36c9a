"""An evaluation with the same figures by condition and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from train.datasets.dataset import Dataset
from train.datasets.names import LEVELS
from train.judging.as_seen import PUBLISHED, compare_conditions, look
from train.judging.by_group import by_group, faces_found, has_column
from train.judging.evaluate import Evaluation
from train.judging.reliability import reliability
from train.judging.scorer import Score

__all__ = ["compared", "has_columns"]

_FAR = "24 px"


def has_columns(dataset: Dataset, columns: Sequence[str]) -> None:
    """Ask before the long work, not after it."""
    for column in columns:
        has_column(dataset, column)


def compared(
    done: Evaluation,
    score: Score,
    crops: NDArray[np.uint8],
    dataset: Dataset,
    labels: tuple[str, ...],
    *,
    as_seen: bool,
    by: Sequence[str],
) -> Evaluation:
    """By condition, and by group: as published and, where conditions are asked for, also far away."""
    answers = look(score, crops) if as_seen else {PUBLISHED: score(crops)}
    tables = [compare_conditions(answers, dataset, labels)] if as_seen else []
    found = faces_found(dataset) if by else None
    for column in by:
        tables.append(by_group(column, dataset, answers[PUBLISHED], labels, found=found))
        if as_seen:
            tables.append(by_group(column, dataset, answers[_FAR], labels, condition=_FAR))
    sure = reliability(answers, dataset) if labels == LEVELS else ()
    return replace(done, comparisons=tuple(tables), answers=answers if as_seen else {}, reliability=sure)
