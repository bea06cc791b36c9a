"""Clips cut into short sequences of crops, kept in one HDF5 file a clip.

A clip is done when its file has its final name, so an interrupted extraction goes on where it stopped.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import h5py
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge.errors import Problem
from edge.vision.crop import crop_faces, whole_image

__all__ = ["Extracted", "Extraction", "Finder", "extract", "load"]

Finder = Callable[[NDArray[np.uint8]], "NDArray[np.float32] | None"]
"""Gives the box of a picture's biggest face, if it has one."""

_KEY = "sequences"


@dataclass(frozen=True, slots=True)
class Extraction:
    """How clips become sequences. `length` 1 gives single pictures."""

    cache: Path
    crop: Literal["face", "frame"] = "face"
    length: int = 8
    stride: int = 16
    size: int = 112
    margin: float = 0.0

    def __str__(self) -> str:
        return f"{self.crop} crops of {self.size} px, {self.length} frames every {self.stride}, margin {self.margin:g}"


@dataclass(frozen=True, slots=True)
class Extracted:
    file: Path
    count: int


def load(file: Path, number: int) -> NDArray[np.uint8]:
    """One sequence: time x size x size grey bytes, or one picture where the length is 1."""
    try:
        with h5py.File(file, "r") as cache:
            sequence = np.asarray(cache[_KEY][number], np.uint8)
    except (OSError, KeyError) as error:
        raise Problem(f"{file} cannot be read: {error}. Delete it; the clip is then cut again.") from None
    return sequence[0] if len(sequence) == 1 else sequence


def extract(clips: list[Path], extraction: Extraction, finders: Callable[[], Finder]) -> list[Extracted | str]:
    """For every clip its sequences, or the reason why it has none. `finders` makes one finder a thread."""
    extraction.cache.mkdir(parents=True, exist_ok=True)
    local = threading.local()

    def one(clip: Path) -> Extracted | str:
        if not hasattr(local, "finder"):
            local.finder = finders() if extraction.crop == "face" else None
        return _one(clip, extraction, local.finder)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return list(tqdm(pool.map(one, clips), total=len(clips), desc="Cutting clips", unit="clip", delay=2))


def _one(clip: Path, extraction: Extraction, find: Finder | None) -> Extracted | str:
    done = extraction.cache / f"{clip.stem}.h5"
    if done.exists():
        return Extracted(done, _count(done, extraction))
    cut = _cut(clip, extraction, find)
    if isinstance(cut, str):
        return cut
    half = done.with_suffix(".part")
    with h5py.File(half, "w") as file:
        file.create_dataset(_KEY, data=cut, chunks=(1, *cut.shape[1:]), compression="lzf")
        file.attrs["extraction"] = str(extraction)
    half.replace(done)
    return Extracted(done, len(cut))


def _count(done: Path, extraction: Extraction) -> int:
    try:
        with h5py.File(done, "r") as file:
            made, count = str(file.attrs["extraction"]), len(file[_KEY])
    except (OSError, KeyError) as error:
        raise Problem(f"{done} is damaged: {error}. Delete it; the clip is then cut again.") from None
    if made != str(extraction):
        raise Problem(f"{done} holds {made}, but {extraction} is asked for. Give another --cache folder.")
    return count


def _cut(clip: Path, extraction: Extraction, find: Finder | None) -> NDArray[np.uint8] | str:
    cut: list[NDArray[np.uint8]] = []
    waiting: list[list[NDArray[np.uint8]]] = []
    box: NDArray[np.float32] | None = None
    for window in _windows(clip, extraction):
        # One box for a whole sequence, so that the crop does not jitter. A face that turns away for
        # one sequence is still where it was.
        middle = window[len(window) // 2]
        found = whole_image(middle) if find is None else find(middle)
        box = box if found is None else found
        waiting.append(window)
        if box is not None:
            cut += [_crops(frames, box, extraction) for frames in waiting]
            waiting.clear()
    if cut:
        return np.stack(cut)
    return "no face found" if waiting else f"cannot be decoded, or has fewer than {extraction.length} frames"


def _crops(frames: list[NDArray[np.uint8]], box: NDArray[np.float32], extraction: Extraction) -> NDArray[np.uint8]:
    cut = [crop_faces(frame, box, size=extraction.size, margin=extraction.margin) for frame in frames]
    return np.concatenate(cut)


def _windows(clip: Path, extraction: Extraction) -> Iterator[list[NDArray[np.uint8]]]:
    video = cv2.VideoCapture(str(clip))
    try:
        start, number, window = 0, 0, list[NDArray[np.uint8]]()
        while video.grab():
            if start <= number:
                read, frame = video.retrieve()
                if not read:
                    return
                window.append(np.asarray(frame, np.uint8))
            number += 1
            if len(window) == extraction.length:
                yield window
                start += extraction.stride
                window = window[extraction.stride :] if extraction.stride < extraction.length else []
    finally:
        video.release()
