"""What an evaluation said of every sample, read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.tables import header, rows

__all__ = ["Predictions", "read_predictions", "shared"]


@dataclass(frozen=True, slots=True)
class Predictions:
    file: Path
    labels: tuple[str, ...]
    origins: NDArray[np.str_]
    groups: NDArray[np.str_]
    """Subjects, "" where none is named."""
    y: NDArray[np.int64]
    probabilities: NDArray[np.float32]

    def take(self, chosen: NDArray[np.intp]) -> Predictions:
        columns = (self.origins, self.groups, self.y, self.probabilities)
        origins, groups, y, probabilities = (column[chosen] for column in columns)
        return replace(self, origins=origins, groups=groups, y=y, probabilities=probabilities)


def read_predictions(folder: Path, split: str | None = None) -> Predictions:
    """Of a run folder or the folder of a cross-validation; `split` may be left out where there is one evaluation."""
    place = folder / "predictions" if (folder / "predictions").is_dir() else folder
    held = {file.name.removesuffix("_f.npy"): file for file in sorted(place.glob("*_f.npy"))}
    if split is None and len(held) == 1:
        split = next(iter(held))
    if split not in held:
        asked = "no evaluation" if split is None else f"no evaluation {split!r}"
        hint = f"It holds {', '.join(held)}; say which with --split." if held else "Run `train evaluate` first."
        raise Problem(f"{folder} holds {asked} to read. {hint}")
    table = held[split].with_name(f"{split}.csv")
    labels = tuple(header(table)[4:])
    listed = [values for _, values in rows(table, ("origin", "subject", "label"))]
    try:
        shares = np.load(held[split], allow_pickle=False)
        y = np.array([labels.index(label) for _, _, label in listed], np.int64)
    except (OSError, EOFError, ValueError) as error:
        raise Problem(f"{held[split]} and {table.name} cannot be read: {error}. Evaluate again.") from None
    if shares.shape != (len(listed), len(labels)):
        raise Problem(f"{held[split]} and {table.name} are not of one evaluation. Evaluate again.")
    origins, groups = (np.array([values[place] for values in listed], np.str_) for place in (0, 1))
    return Predictions(table, labels, origins, groups, y, shares.astype(np.float32))


def shared(first: Predictions, second: Predictions) -> tuple[Predictions, Predictions]:
    """Both on the samples that both have, in one order."""
    if first.labels != second.labels:
        raise Problem(
            f"{first.file} is labelled {', '.join(first.labels)}, {second.file} {', '.join(second.labels)}. "
            "Evaluate both on the same data."
        )
    found, here, there = np.intersect1d(first.origins, second.origins, return_indices=True)
    if not len(found):
        raise Problem(f"{first.file} and {second.file} share no sample. Evaluate both on the same data.")
    first, second = first.take(here), second.take(there)
    if (first.y != second.y).any():
        raise Problem(f"{first.file} and {second.file} label the same samples differently. Evaluate both again.")
    return first, second
