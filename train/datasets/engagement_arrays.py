"""The `.npy` arrays of Nezami et al. (2019): `X_{train,val,test}.npy` and `Y_...npy`, read and written.

X holds 48x48 grey faces, each with its mean removed and scaled to Euclidean norm 100. Y holds 1 for
engaged and 0 for disengaged. Bytes (0 to 255) and fractions (0 to 1) are read as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.vision.crop import normalize
from train.datasets.arrays import to_arrays
from train.datasets.dataset import Dataset, Sample, Skipped
from train.datasets.names import BINARY, split_name
from train.files.whole import whole

__all__ = ["matches", "read", "write"]

_FILES = {"train": "train", "validation": "val", "test": "test"}


def matches(path: Path) -> bool:
    return any((path / f"X_{name}.npy").is_file() for name in _FILES.values())


def read(path: Path) -> Dataset:
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for name in _FILES.values():
        file = path / f"X_{name}.npy"
        if not file.is_file():
            continue
        x, y = _array(file), _array(path / f"Y_{name}.npy")
        if x.ndim not in {3, 4} or (x.ndim == 4 and x.shape[3] != 1):
            raise Problem(f"{file} has the shape {x.shape}; expected N x height x width (x 1) grey faces.")
        if 0 in x.shape[1:]:
            raise Problem(f"{file} has the shape {x.shape}: its faces are empty.")
        # One-hot files put engaged first.
        labels = 1 - y.argmax(axis=1) if y.ndim == 2 and y.shape[1] == 2 else y.reshape(-1)
        if len(labels) != len(x):
            raise Problem(f"{file} holds {len(x)} faces, but Y_{name}.npy {len(labels)} labels.")
        unknown = np.flatnonzero(~np.isin(labels, (0, 1)))
        if len(unknown):
            raise Problem(f"{path / f'Y_{name}.npy'}[{unknown[0]}] is {labels[unknown[0]]}; expected 0 or 1.")
        faces = x.reshape(x.shape[:3])
        bad = set(np.flatnonzero(~np.isfinite(faces).all(axis=(1, 2))).tolist())
        skipped += [Skipped(f"{file}[{row}]", "holds values that are no numbers") for row in sorted(bad)]
        samples += [
            Sample(int(labels[row]), f"{file}[{row}]", partial(_bytes, faces, row), split=split_name(name))
            for row in range(len(faces))
            if row not in bad
        ]
    if not samples:
        raise Problem(f"{path} holds no X_train.npy, X_val.npy or X_test.npy with faces.")
    return Dataset(
        "engagement arrays", BINARY, tuple(samples), tuple(skipped), f"engagement arrays, .npy in {path.name}"
    )


def write(dataset: Dataset, folder: Path, *, engaged: Sequence[str] = ("engaged",), size: int = 48) -> list[Path]:
    """Write every split of a data set in this layout; labels named in `engaged` become 1, all others 0."""
    unknown = set(engaged) - set(dataset.labels)
    if unknown:
        raise Problem(f"{min(unknown)!r} is no label of {dataset.name}; it has {', '.join(dataset.labels)}.")
    written: list[Path] = []
    for split, name in _FILES.items():
        part = dataset.only(split)
        if not part.samples:
            continue
        arrays = to_arrays(part, size=size)
        x = normalize(arrays.x, "norm")[..., 0]
        y = np.isin(np.array(dataset.labels)[arrays.y], list(engaged)).astype(np.int64)
        for file, values in ((folder / f"X_{name}.npy", x), (folder / f"Y_{name}.npy", y)):
            with whole(file) as half:
                np.save(half, values)
            written.append(file)
    if not written:
        raise Problem(f"{dataset.name} has no train, validation or test split to write. Divide it by subject first.")
    return written


def _array(file: Path) -> NDArray[np.generic]:
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # noqa: BLE001  # a damaged header ends in any kind of error
        raise Problem(f"{file} is no plain numpy array: {error}.") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "buif":
        raise Problem(f"{file} is no array of plain numbers. Write one with `numpy.save`.")
    return array


def _bytes(faces: NDArray[np.generic], row: int) -> NDArray[np.uint8]:
    face = np.asarray(faces[row])
    if face.dtype == np.uint8:
        return face
    low, high = float(face.min()), float(face.max())
    if low >= 0 and high <= 255:
        return np.rint(face * (255 if high <= 1 else 1)).astype(np.uint8)
    # Mean and scale were removed; the networks remove them again, so any stretch to bytes will do.
    return np.rint((face - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)
