"""Real pictures for calibration and comparison, read from what `train` exports or from a folder of images.

Three layouts: an `.npz` with `x` (and `y`, `groups`, `split`, `labels` where known), a folder with
one sub-folder a class, or a CSV with the columns path, label, subject, split.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.closeups import LOOKED_AT, no_closeups
from edge.errors import Problem
from edge.flow import Normalization
from edge.model.card import Input
from edge.vision.crop import crop_faces, normalize, whole_image

__all__ = ["Samples", "normalized", "read", "representative", "uncropped"]

_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".pgm"}
_EXPORT = "Make such a file with: train arrays DATA -o FILE.npz"


@dataclass(frozen=True, slots=True)
class Samples:
    """Grey bytes with what is known of them; unknown columns are empty."""

    name: str
    x: NDArray[np.uint8]
    """N x height x width; sequences N x time x height x width."""
    y: NDArray[np.int64]
    groups: NDArray[np.str_]
    split: NDArray[np.str_]
    labels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: NDArray[np.intp]) -> Samples:
        def some(column: NDArray) -> NDArray:
            return column[rows] if len(column) else column

        return replace(self, x=self.x[rows], y=some(self.y), groups=some(self.groups), split=some(self.split))

    def only(self, split: str) -> Samples:
        """The named split, or everything where the data have no splits."""
        if not len(self.split):
            return self
        rows = np.flatnonzero(self.split == split)
        if not len(rows):
            raise Problem(f"{self.name} has no split {split!r}; it has {', '.join(sorted(set(self.split)))}.")
        return self.take(rows)


def read(path: Path, facts_input: Input, labels: Sequence[str] = ()) -> Samples:
    """Read pictures as the network with this input contract would be given them."""
    if path.is_dir():
        samples = _folder(path, facts_input, labels)
    elif path.suffix == ".npz":
        samples = _arrays(path)
    elif path.suffix == ".csv":
        samples = _manifest(path, facts_input, labels)
    elif path.exists():
        raise Problem(f"{path} is neither an .npz, a .csv manifest nor a folder of pictures. {_EXPORT}")
    else:
        raise Problem(f"{path} does not exist. {_EXPORT}")
    if not len(samples):
        raise Problem(f"{path} holds no pictures. {_EXPORT}")
    if samples.labels and labels and samples.labels != tuple(labels):
        how = "in another order" if set(samples.labels) == set(labels) else "which are others"
        raise Problem(
            f"{path} has the labels {', '.join(samples.labels)}, the network {', '.join(labels)}, {how}. "
            "Export the data with the labels the network was trained on."
        )
    if labels and len(samples.y) and not 0 <= samples.y.min() <= samples.y.max() < len(labels):
        raise Problem(f"{path} has labels from {samples.y.min()} to {samples.y.max()}; the network has {len(labels)}.")
    return samples


def representative(samples: Samples, size: int, seed: int) -> tuple[Samples, Samples]:
    """`size` samples that give every class, and within a class every subject, the same room; and the rest."""
    order = np.random.default_rng(seed).permutation(len(samples))
    classes = samples.y[order] if len(samples.y) else np.zeros(len(order), np.int64)
    groups = samples.groups[order] if len(samples.groups) else np.zeros(len(order), np.str_)
    cells = np.unique(np.column_stack([classes.astype(str), groups]), axis=0, return_inverse=True)[1].ravel()
    # First every subject's first picture, then every second one, ...; and the same over the classes.
    by_turn = np.argsort(_turns(cells), kind="stable")
    by_class = by_turn[np.argsort(_turns(classes[by_turn]), kind="stable")]
    chosen = order[by_class]
    return samples.take(np.sort(chosen[:size])), samples.take(np.sort(chosen[size:]))


def _turns(cells: NDArray) -> NDArray[np.int64]:
    """For each row, how many earlier rows share its cell."""
    by_cell = np.argsort(cells, kind="stable")
    ordered = cells[by_cell]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    turns = np.empty(len(cells), np.int64)
    turns[by_cell] = np.arange(len(cells)) - np.repeat(starts, np.diff(np.r_[starts, len(cells)]))
    return turns


def uncropped(samples: Samples) -> str:
    """Why these pictures are no face crops, or ""; whole pictures squeezed to a face's size are found, too."""
    rows = np.random.default_rng(0).choice(len(samples), min(LOOKED_AT, len(samples)), replace=False)
    pictures = samples.x[rows]
    return no_closeups(list(pictures if pictures.ndim == 3 else pictures[:, pictures.shape[1] // 2]))


def normalized(samples: Samples, shape: tuple[int, ...], how: Normalization) -> NDArray[np.float32]:
    """Bytes to what the network with the input `shape` (without the batch) is given."""
    found, wanted = samples.x.shape[1:], shape[:-1]
    if found != wanted:
        raise Problem(
            f"The pictures of {samples.name} are {_times(found)}, the network takes {_times(wanted)}. "
            f"Export them at the network's size: train arrays DATA --side {wanted[-1]} -o FILE.npz"
        )
    frames = normalize(samples.x.reshape(-1, *shape[-3:-1]), how).reshape(len(samples), *wanted, 1)
    # A network made for colour sees grey in all three channels.
    return np.repeat(frames, shape[-1], axis=-1) if shape[-1] > 1 else frames


def _times(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def _arrays(path: Path) -> Samples:
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise Problem(f"{path} cannot be read as an .npz file: {error}. {_EXPORT}") from None
    if "x" not in columns:
        raise Problem(f"{path} has no array called x; it has {', '.join(columns) or 'none'}. {_EXPORT}")
    x = columns["x"]
    if x.dtype != np.uint8 or x.ndim not in (3, 4):
        raise Problem(
            f"x in {path} is {x.dtype} with shape {x.shape}; bytes (uint8) before any normalization are needed, "
            f"N x height x width, grey. {_EXPORT}"
        )
    y = columns.get("y", np.empty(0, np.int64))
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        raise Problem(f"y in {path} is {y.dtype} with shape {y.shape}; one whole number a picture is needed. {_EXPORT}")
    for name in ("y", "groups", "split"):
        if name in columns and len(columns[name]) not in (0, len(x)):
            raise Problem(f"{path} holds {len(x)} pictures, but {len(columns[name])} rows in {name}. {_EXPORT}")
    return Samples(
        name=path.name,
        x=x,
        y=y.astype(np.int64),
        groups=_column(columns.get("groups", ())),
        split=_column(columns.get("split", ())),
        labels=tuple(map(str, columns.get("labels", ()))),
    )


def _folder(path: Path, facts_input: Input, labels: Sequence[str]) -> Samples:
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _PICTURES)
    classes = sorted({file.parent.name for file in files if file.parent != path})
    rows = [(file, file.parent.name if classes else "", "", "") for file in files]
    return _pictures(path, rows, facts_input, labels or classes)


def _manifest(path: Path, facts_input: Input, labels: Sequence[str]) -> Samples:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if "path" not in (reader.fieldnames or ()):
            raise Problem(f"{path} has no column called path. The columns are path, label, subject, split.")
        rows = [
            (path.parent / row["path"], row.get("label") or "", row.get("subject") or "", row.get("split") or "")
            for row in reader
        ]
    return _pictures(path, rows, facts_input, labels or sorted({label for _, label, _, _ in rows if label}))


def _pictures(
    path: Path, rows: Sequence[tuple[Path, str, str, str]], facts_input: Input, labels: Sequence[str]
) -> Samples:
    if facts_input.width != facts_input.height:
        raise Problem(f"Pictures in files can only feed a network with a square input. {_EXPORT}")
    size = facts_input.width
    strange = sorted({label for _, label, _, _ in rows if label} - set(labels))
    if strange:
        raise Problem(f"{path} has the label {strange[0]!r}; the network knows {', '.join(labels)}.")
    known = all(label for _, label, _, _ in rows)
    x = [_picture(file, size) for file, _, _, _ in rows]
    return Samples(
        name=path.name,
        x=np.concatenate(x) if x else np.empty((0, size, size), np.uint8),
        y=np.array([list(labels).index(label) for _, label, _, _ in rows] if known else [], np.int64),
        groups=_column([subject for _, _, subject, _ in rows]),
        split=_column([split for _, _, _, split in rows]),
        labels=tuple(labels),
    )


def _column(values: Sequence[str] | NDArray) -> NDArray[np.str_]:
    found = np.array(values, np.str_)
    return found if found.any() else found[:0]


def _picture(file: Path, size: int) -> NDArray[np.uint8]:
    try:
        image = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        image = None
    if image is None:
        raise Problem(f"{file} cannot be read as a picture. Mend it or take it out of the calibration data.")
    return crop_faces(image, whole_image(image), size=size)
