"""Engagement pictures of Kamath et al., WACV 2016: `dataset/{1,2,3}/img<subject>_<n>.jpg`."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped
from train.datasets.names import LEVELS
from train.datasets.pictures import checked, folders, pictures, read_picture

__all__ = ["read"]

_MARGIN = 0.18
"""The device's detector finds faces whose longer side is 0.85 of the picture (median of 150)."""
_NAME = re.compile(r"img(\d+)_\d+", re.IGNORECASE)


def read(path: Path) -> Dataset:
    """1 (not engaged), 2 (nominally) and 3 (very engaged) become low, mid and high. The set has no split."""
    found = folders(path)
    levels = folders(found["dataset"]) if "dataset" in found else found
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for name, folder in levels.items():
        if name not in {"1", "2", "3"}:
            raise Problem(f"{folder} is no engagement level; the folders must be called 1, 2 and 3.")
        for file in pictures(folder):
            named = _NAME.fullmatch(file.stem)
            if named is None:
                skipped.append(Skipped(str(file), "the name does not tell the subject (img<subject>_<n>.jpg)"))
                continue
            subject = f"subject {int(named[1]):02d}"
            samples.append(Sample(int(name) - 1, str(file), partial(read_picture, file), group=subject))
    provenance = f"WACV-2016 engagement, folder {path.name}"
    return checked(Dataset("WACV-2016 engagement", LEVELS, tuple(samples), tuple(skipped), provenance, _MARGIN))
