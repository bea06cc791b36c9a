"""`train prepare`: the biggest face of every raw picture, cut by the device's own code into a manifest."""

from __future__ import annotations

import csv
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
from tqdm import tqdm

from edge.closeups import Finder
from edge.errors import Problem
from edge.vision.crop import crop_faces
from train.datasets.dataset import Dataset, Sample, is_sequence
from train.datasets.tables import rows
from train.files.whole import whole

if TYPE_CHECKING:
    from train.datasets.sequences import Finder

__all__ = ["Kept", "Prepared", "prepare"]

_LOG = "prepared.csv"
_COLUMNS = ("origin", "path", "size", "margin")


class Kept(NamedTuple):
    """Of so many pictures so many are lost: whom the detector overlooks, nobody will be trained on."""

    pictures: int
    lost: int


@dataclass(frozen=True, slots=True)
class Prepared:
    manifest: Path
    found: int
    missing: tuple[str, ...]
    """Origins of the pictures in which no face was found."""
    by_label: dict[str, Kept]
    by_subject: dict[str, Kept]
    """Empty where no subject is named."""


def prepare(
    dataset: Dataset, folder: Path, finders: Callable[[], Finder], *, size: int = 112, margin: float = 0.15
) -> Prepared:
    """Write `manifest.csv` and the crops; a picture that an earlier, interrupted run has done is not done again."""
    _finished_lines(folder / _LOG)
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
        encoded = cv2.imencode(".png", crop_faces(image, box, size=size, margin=margin)[0])[1]
        with whole(folder / name) as half:
            half.write_bytes(encoded.tobytes())
        return sample.origin, name

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        cut = pool.map(one, range(len(done), len(done) + len(waiting)), waiting)
        try:
            _log(folder / _LOG, [])
            for origin, name in tqdm(cut, total=len(waiting), unit="picture", delay=2, disable=None):
                _log(folder / _LOG, [origin, name, size, margin])
                done[origin] = name
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return _manifest(dataset, folder, done, margin)


def _log(log: Path, line: list[object]) -> None:
    """Add a line; the first one names the columns. It is on its way to the disk when this returns."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if not file.tell():
                writer.writerow(_COLUMNS)
            if line:
                writer.writerow(line)
    except OSError as error:
        raise Problem(f"{log} could not be written: {error.strerror or error}. Started again, this goes on.") from None


def _finished_lines(log: Path) -> None:
    """Cut off the half of a line that a kill or a full disk has left; its picture is then done again."""
    if log.is_file():
        with log.open("rb+") as file:
            file.truncate(file.read().rfind(b"\n") + 1)


def _done(log: Path, size: int, margin: float) -> dict[str, str]:
    if not log.exists() or not log.stat().st_size:
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
    with whole(manifest) as half, half.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        further = sorted({column for sample in dataset.samples for column in sample.traits})
        writer.writerow(["path", "label", "subject", "session", "split", "margin", *further])
        for sample in dataset.samples:
            if done[sample.origin]:
                label = dataset.labels[sample.label]
                known = [done[sample.origin], label, sample.group, sample.session, sample.split, margin]
                writer.writerow([*known, *(sample.traits.get(column, "") for column in further)])
            else:
                missing.append(sample.origin)
    lost = set(missing)
    return Prepared(
        manifest,
        len(dataset) - len(missing),
        tuple(missing),
        _kept([dataset.labels[sample.label] for sample in dataset.samples], dataset, lost, dataset.labels),
        _kept([sample.group for sample in dataset.samples], dataset, lost, dataset.groups()),
    )


def _kept(keys: list[str], dataset: Dataset, lost: set[str], order: Iterable[str]) -> dict[str, Kept]:
    pictures = Counter(keys)
    gone = Counter(key for key, sample in zip(keys, dataset.samples, strict=True) if sample.origin in lost)
    return {key: Kept(pictures[key], gone[key]) for key in order if key and pictures[key]}
