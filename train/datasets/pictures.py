"""Picture files: found in folders, read one by one, checked before anything is trained on them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped

# Huge pictures are bounded here, and need no warning of their own.
warnings.filterwarnings("ignore", category=PIL.Image.DecompressionBombWarning)

__all__ = ["SUFFIXES", "checked", "folders", "pictures", "read_picture"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".pgm", ".tif", ".tiff"})
_JPEG = {".jpg", ".jpeg"}
_PLENTY = 16_000_000
"""Pixels; a face worth training on is as good in half of what a larger picture has."""
_MOST = 64_000_000
"""What is not a JPEG is decoded whole before it is made smaller."""
_MOST_JPEG = 160_000_000
_DECODE = {
    1: cv2.IMREAD_ANYCOLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Grey files come as height x width, coloured ones as height x width x 3, upright by their EXIF note."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from None
    half = _scale(path, raw)
    # The decoder fills up a cut-off JPEG with grey and says nothing; its end mark is then missing.
    if path.suffix.lower() in _JPEG and b"\xff\xd9" not in raw[-4096:]:
        raise Problem(f"{path} is cut off or no JPEG: its end mark is missing.")
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), _DECODE[half]) if raw else None
    if image is None:
        raise Problem(f"{path} is no picture that can be decoded.")
    # A reduced picture comes in colour: as the file, so the array.
    grey = half > 1 and image.ndim == 3 and not np.ptp(image, axis=2).any()
    return np.asarray(image[..., 0] if grey else image, np.uint8)


def _scale(path: Path, raw: bytes) -> int:
    """By how much a huge picture is made smaller while it is decoded, so that its memory is bounded."""
    try:
        with PIL.Image.open(BytesIO(raw)) as picture:
            pixels, jpeg = picture.width * picture.height, picture.format in {"JPEG", "MPO"}
            said = f"{picture.width} x {picture.height}"
    except PIL.Image.DecompressionBombError:
        raise Problem(f"{path} is larger than any camera's picture. Make it smaller first.") from None
    except (OSError, SyntaxError, ValueError):
        return 1  # the decoder has the last word
    if pixels > (_MOST_JPEG if jpeg else _MOST):
        raise Problem(f"{path} has {said} pixels, too many to be read within bounds. Make it smaller first.")
    return next((half for half in _DECODE if pixels <= _PLENTY * half**2), max(_DECODE))


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
