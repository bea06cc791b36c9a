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

import cv2
import h5py
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge.closeups import Finder
from edge.errors import Problem
from edge.vision.crop import crop_faces, whole_image
from train.datasets.clips import Clips
from train.files.whole import whole

__all__ = ["Extracted", "extract", "load"]

_KEY = "sequences"


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


def extract(files: list[Path], cache: Path, clips: Clips, finders: Callable[[], Finder]) -> list[Extracted | str]:
    """For every clip its sequences, or the reason why it has none. `finders` makes one finder a thread."""
    local = threading.local()

    def one(file: Path) -> Extracted | str:
        if not hasattr(local, "finder"):
            local.finder = finders() if clips.crop == "face" else None
        return _one(file, cache, clips, local.finder)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        cut = pool.map(one, files)
        return list(tqdm(cut, total=len(files), desc="Cutting clips", unit="clip", delay=2, disable=None))


def _one(file: Path, cache: Path, clips: Clips, find: Finder | None) -> Extracted | str:
    done = cache / f"{file.stem}.h5"
    if done.exists():
        return Extracted(done, _count(done, clips))
    cut = _cut(file, clips, find)
    if isinstance(cut, str):
        return cut
    with whole(done) as half, h5py.File(half, "w") as sequences:
        sequences.create_dataset(_KEY, data=cut, chunks=(1, *cut.shape[1:]), compression="lzf")
        sequences.attrs["extraction"] = str(clips)
    return Extracted(done, len(cut))


def _count(done: Path, clips: Clips) -> int:
    try:
        with h5py.File(done, "r") as file:
            made, count = str(file.attrs["extraction"]), len(file[_KEY])
    except (OSError, KeyError) as error:
        raise Problem(f"{done} is damaged: {error}. Delete it; the clip is then cut again.") from None
    if made != str(clips):
        raise Problem(f"{done} holds {made}, but {clips} is asked for. Give another --cache folder.")
    return count


def _cut(file: Path, clips: Clips, find: Finder | None) -> NDArray[np.uint8] | str:
    cut: list[NDArray[np.uint8]] = []
    waiting: list[list[NDArray[np.uint8]]] = []
    box: NDArray[np.float32] | None = None
    for window in _windows(file, clips):
        # One box for a whole sequence, so that the crop does not jitter. A face that turns away for
        # one sequence is still where it was.
        middle = window[len(window) // 2]
        found = whole_image(middle) if find is None else find(middle)
        box = box if found is None else found
        waiting.append(window)
        if box is not None:
            cut += [_crops(frames, box, clips) for frames in waiting]
            waiting.clear()
    if cut:
        return np.stack(cut)
    return "no face found" if waiting else f"cannot be decoded, or has fewer than {clips.frames} frames"


def _crops(frames: list[NDArray[np.uint8]], box: NDArray[np.float32], clips: Clips) -> NDArray[np.uint8]:
    return np.concatenate([crop_faces(frame, box, size=clips.size, margin=0.0) for frame in frames])


def _windows(file: Path, clips: Clips) -> Iterator[list[NDArray[np.uint8]]]:
    video = cv2.VideoCapture(str(file))
    try:
        start, number, window = 0, 0, list[NDArray[np.uint8]]()
        while video.grab():
            if start <= number:
                read, frame = video.retrieve()
                if not read:
                    return
                window.append(np.asarray(frame, np.uint8))
            number += 1
            if len(window) == clips.frames:
                yield window
                start += clips.stride
                window = window[clips.stride :] if clips.stride < clips.frames else []
    finally:
        video.release()
