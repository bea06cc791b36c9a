"""FER-2013: the official CSV (`emotion,pixels,Usage`), with FER+ votes beside it, or its image folders."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets import ferplus
from train.datasets.dataset import Dataset, Sample, Skipped
from train.datasets.names import EXPRESSIONS, split_name
from train.datasets.pictures import checked, folders, pictures, read_picture
from train.datasets.tables import rows

__all__ = ["matches", "read_csv", "read_folders"]

_SIDE = 48
_EMOTIONS = tuple(map(str, range(len(EXPRESSIONS))))
_MARGIN = 0.15
"""The device's detector finds faces whose longer side is 0.87 of the picture (median of 150)."""
_FOLDER_NAMES = {name: name for name in EXPRESSIONS} | {
    "anger": "angry",
    "happiness": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "fearful": "fear",
    "disgusted": "disgust",
    **{str(number): name for number, name in enumerate(EXPRESSIONS)},
}


def read_csv(path: Path, *, votes: Path | None = None, labels: str = "official") -> Dataset:
    """Every row, Training, PublicTest and PrivateTest as they are in the file.

    `labels` says what a row's label is; see `train.datasets.ferplus`. All but "official" need `votes`.
    """
    crops: list[NDArray[np.uint8]] = []
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    verdicts = ferplus.verdicts(votes, labels)
    for where, (emotion, pixels, usage) in rows(path, ("emotion", "pixels"), ("Usage",)):
        label = _label(emotion, where)
        split = split_name(usage, where)
        verdict = next(verdicts, None)
        if verdict is None:
            raise Problem(f"{votes} ends before {where}: its rows must line up with those of {path.name}.")
        crop = _pixels(pixels)
        if crop is None:
            skipped.append(Skipped(where, f"not {_SIDE * _SIDE} grey values from 0 to 255"))
            continue
        judged = verdict.judge(label, split)
        if isinstance(judged, str):
            skipped.append(Skipped(where, judged))
            continue
        crops.append(crop)
        samples.append(Sample(judged.label, where, partial(_same, crop), split=split, weights=judged.weights))
    if not samples:
        raise Problem(f"{path} holds no usable row.")
    provenance = f"FER-2013 CSV {path.name}, labels: {labels}"
    return Dataset("FER-2013", EXPRESSIONS, tuple(samples), tuple(skipped), provenance, _MARGIN)


def matches(path: Path) -> bool:
    """Whether there are folders of expressions below those of the splits."""
    names = {name for part in folders(path).values() for name in folders(part)}
    return bool(names) and names <= set(_FOLDER_NAMES)


def read_folders(path: Path) -> Dataset:
    """`<split>/<expression>/<picture>`, as the set is also published."""
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for split, split_folder in folders(path).items():
        for name, folder in folders(split_folder).items():
            if name not in _FOLDER_NAMES:
                raise Problem(f"{folder} is no expression; known are {', '.join(EXPRESSIONS)}.")
            label = EXPRESSIONS.index(_FOLDER_NAMES[name])
            samples += [
                Sample(label, str(file), partial(read_picture, file), split=split_name(split, str(split_folder)))
                for file in pictures(folder)
            ]
    provenance = f"FER-2013 image folders {path.name}"
    return checked(Dataset("FER-2013", EXPRESSIONS, tuple(samples), tuple(skipped), provenance, _MARGIN))


def _same(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return crop


def _label(text: str, where: str) -> int:
    if text not in _EMOTIONS:
        raise Problem(f"{where} has the emotion {text!r}; it must be 0 to {len(EXPRESSIONS) - 1}.")
    return _EMOTIONS.index(text)


def _pixels(text: str) -> NDArray[np.uint8] | None:
    with warnings.catch_warnings():
        # Older numpy only warns of text that is no number; the count below tells.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            values = np.fromstring(text, np.int32, sep=" ")
        except ValueError:
            return None
    if values.size != _SIDE * _SIDE or values.min() < 0 or values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(_SIDE, _SIDE)
