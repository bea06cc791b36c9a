"""Picture files: found in folders, read one by one, checked before anything is trained on them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped

__all__ = ["SUFFIXES", "checked", "folders", "pictures", "read_picture"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".pgm", ".tif", ".tiff"})
_JPEG = {".jpg", ".jpeg"}


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Grey files come as height x width, coloured ones as height x width x 3, upright by their EXIF note."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from None
    # The decoder fills up a cut-off JPEG with grey and says nothing; its end mark is then missing.
    if path.suffix.lower() in _JPEG and b"\xff\xd9" not in raw[-4096:]:
        raise Problem(f"{path} is cut off or no JPEG: its end mark is missing.")
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_ANYCOLOR) if raw else None
    if image is None:
        raise Problem(f"{path} is no picture that can be decoded.")
    return np.asarray(image, np.uint8)


def folders(path: Path) -> dict[str, Path]:
    """The visible folders in a folder, by lower-case name."""
    return {f.name.lower(): f for f in sorted(path.iterdir()) if f.is_dir() and not f.name.startswith(".")}


def pictures(folder: Path) -> list[Path]:
    """All pictures under a folder, in a stable order."""
    return sorted(
        Path(at) / name
        for at, _, names in os.walk(folder)
        for name in names
        if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
    )


def checked(dataset: Dataset) -> Dataset:
    """Read every sample once; what cannot be read moves to `skipped`, with its reason."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        reasons = list(pool.map(_trouble, dataset.samples, chunksize=64))
    return _without(dataset, reasons)


def _trouble(sample: Sample) -> str | None:
    try:
        sample.load()
    except Problem as problem:
        return str(problem)
    return None


def _without(dataset: Dataset, reasons: Iterable[str | None]) -> Dataset:
    good: list[Sample] = []
    bad: list[Skipped] = []
    for sample, reason in zip(dataset.samples, reasons, strict=True):
        if reason is None:
            good.append(sample)
        else:
            bad.append(Skipped(sample.origin, reason))
    if not good:
        first = f" The first: {bad[0].reason}" if bad else ""
        raise Problem(f"{dataset.name}: none of {len(bad)} samples can be read.{first}")
    return replace(dataset, samples=tuple(good), skipped=dataset.skipped + tuple(bad))
