"""`train prepare`: the biggest face of every raw picture, cut by the device's own code into a manifest."""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
from tqdm import tqdm

from edge.closeups import Finder
from edge.errors import Problem
from edge.vision.crop import crop_faces
from train.datasets.dataset import Dataset, Sample, is_sequence
from train.datasets.tables import rows

__all__ = ["Prepared", "prepare"]

_LOG = "prepared.csv"
_COLUMNS = ("origin", "path", "size", "margin")


@dataclass(frozen=True, slots=True)
class Prepared:
    manifest: Path
    found: int
    missing: tuple[str, ...]
    """Origins of the pictures in which no face was found."""


def prepare(
    dataset: Dataset, folder: Path, finders: Callable[[], Finder], *, size: int = 112, margin: float = 0.15
) -> Prepared:
    """Write `manifest.csv` and the crops; a picture that an earlier, interrupted run has done is not done again."""
    (folder / "faces").mkdir(parents=True, exist_ok=True)
    done = _done(folder / _LOG, size, margin)
    waiting = [sample for sample in dataset.samples if sample.origin not in done]
    local = threading.local()

    def one(number: int, sample: Sample) -> tuple[str, str]:
        if not hasattr(local, "find"):
            local.find = finders()
        image = sample.load()
        if is_sequence(image):
            raise Problem(f"{sample.origin} is a sequence; `prepare` takes pictures. Clips are cut when they are read.")
        box = local.find(image)
        if box is None:
            return sample.origin, ""
        name = f"faces/{number:06d}.png"
        half = folder / f"faces/{number:06d}.part.png"
        if not cv2.imwrite(str(half), crop_faces(image, box, size=size, margin=margin)[0]):
            raise Problem(f"{half} cannot be written.")
        half.replace(folder / name)
        return sample.origin, name

    new = not (folder / _LOG).exists()
    with (folder / _LOG).open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(_COLUMNS)
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            numbers = range(len(done), len(done) + len(waiting))
            for origin, name in tqdm(pool.map(one, numbers, waiting), total=len(waiting), unit="picture", delay=2):
                writer.writerow([origin, name, size, margin])
                file.flush()
                done[origin] = name
    return _manifest(dataset, folder, done, margin)


def _done(log: Path, size: int, margin: float) -> dict[str, str]:
    if not log.exists():
        return {}
    done: dict[str, str] = {}
    for where, (origin, path, was_size, was_margin) in rows(log, _COLUMNS):
        if (was_size, was_margin) != (str(size), str(margin)):
            raise Problem(f"{where} was cut with size {was_size}, margin {was_margin}. Give another --out folder.")
        done[origin] = path
    return done


def _manifest(dataset: Dataset, folder: Path, done: dict[str, str], margin: float) -> Prepared:
    manifest = folder / "manifest.csv"
    missing: list[str] = []
    with manifest.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label", "subject", "session", "split", "margin"])
        for sample in dataset.samples:
            if done[sample.origin]:
                label = dataset.labels[sample.label]
                writer.writerow([done[sample.origin], label, sample.group, sample.session, sample.split, margin])
            else:
                missing.append(sample.origin)
    return Prepared(manifest, len(dataset) - len(missing), tuple(missing))
