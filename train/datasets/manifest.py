"""One's own pictures, listed in a CSV: `path,label,subject,split`; paths are relative to the CSV.

A column `margin`, the same in every row, says how much wider than the face box the pictures were
cut; `train prepare` writes it.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped
from train.datasets.names import ordered, split_name
from train.datasets.pictures import checked, read_picture
from train.datasets.tables import rows

__all__ = ["read"]


def read(path: Path) -> Dataset:
    """`subject` and `split` may be missing or empty; without a subject nothing can prove that no face leaks."""
    listed = list(rows(path, ("path", "label"), ("subject", "split", "margin")))
    if not listed:
        raise Problem(f"{path} lists no picture.")
    labels = ordered({values[1] for _, values in listed if values[1]})
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for where, (name, label, subject, split, _) in listed:
        if not label:
            raise Problem(f"{where} has no label.")
        file = path.parent / name
        if not file.is_file():
            skipped.append(Skipped(where, f"{file} does not exist"))
            continue
        load = partial(read_picture, file)
        samples.append(Sample(labels.index(label), where, load, group=subject, split=split_name(split, where)))
    provenance, margin = f"manifest {path.name}", _margin(*listed[0])
    # Every folder that `train prepare` makes has a manifest.csv.
    name = path.resolve().parent.name if path.stem == "manifest" else path.stem
    return checked(Dataset(name, labels, tuple(samples), tuple(skipped), provenance, margin))


def _margin(where: str, values: list[str]) -> float:
    try:
        return float(values[-1] or 0)
    except ValueError:
        raise Problem(f"{where} has the margin {values[-1]!r}; it must be a number such as 0.15.") from None
