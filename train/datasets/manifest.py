"""One's own pictures, listed in a CSV: `path,label,subject,split`; paths are relative to the CSV."""

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
    listed = list(rows(path, ("path", "label"), ("subject", "split")))
    if not listed:
        raise Problem(f"{path} lists no picture.")
    labels = ordered({label for _, (_, label, _, _) in listed if label})
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for where, (name, label, subject, split) in listed:
        if not label:
            raise Problem(f"{where} has no label.")
        file = path.parent / name
        if not file.is_file():
            skipped.append(Skipped(where, f"{file} does not exist"))
            continue
        load = partial(read_picture, file)
        samples.append(Sample(labels.index(label), where, load, group=subject, split=split_name(split, where)))
    return checked(Dataset(path.stem, labels, tuple(samples), tuple(skipped), f"manifest {path.name}"))
