"""What a run hands on to the networks that are trained on from it: data, subjects, and prints of every picture.

A print is a 63-bit perceptual hash. It finds a picture again, cut or compressed anew, and shows
nobody's face; `seen.npy` holds them and stays in the run folder, as the digests of names do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model.card import Facts, Training
from train.audit.prints import fingerprints
from train.datasets.dataset import Dataset

__all__ = ["SEEN", "Heritage", "as_ancestor", "heritage_of", "inherited", "learned", "prints_of"]

SEEN = "seen.npy"
_BITS = 63


def _none() -> NDArray[np.uint64]:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Heritage:
    generations: tuple[Training, ...] = ()
    """The nearest first."""
    prints: NDArray[np.uint64] = field(default_factory=_none)
    """Of every picture learned from, where the run folder kept them."""

    def __add__(self, other: Heritage) -> Heritage:
        more = tuple(one for one in other.generations if one not in self.generations)
        return Heritage(self.generations + more, np.union1d(self.prints, other.prints))


def heritage_of(facts: Facts | None, folder: Path) -> Heritage:
    """All that is known of a network with these facts; `folder` is its run folder or bundle."""
    trained = facts and facts.training
    generations = () if trained is None else (as_ancestor(trained), *trained.ancestors)
    file = folder / SEEN
    try:
        prints = np.load(file, allow_pickle=False) if file.is_file() else _none()
    except (OSError, ValueError) as error:
        raise Problem(f"{file} cannot be read: {error}. Without it nobody knows which pictures were seen.") from None
    return Heritage(generations, np.asarray(prints, np.uint64))


def inherited(path: Path | None) -> Heritage:
    """What a run folder or `.keras` file brings along; nothing is known where no facts.json lies beside it."""
    if path is None:
        return Heritage()
    folder = path if path.is_dir() else path.parent
    file = folder / "facts.json"
    try:
        facts = msgspec.json.decode(file.read_bytes(), type=Facts) if file.is_file() else None
    except msgspec.DecodeError as error:
        raise Problem(f"{file} does not describe a network: {error}.") from None
    return heritage_of(facts, folder)


def learned(dataset: Dataset, *, network: str, split: str) -> Heritage:
    """What is handed on of pictures that were rehearsed or otherwise learned from."""
    marks = dataset.marks()
    training = Training(
        network=network,
        parameters=0,
        data=dataset.provenance or dataset.name,
        datasets=(dataset.name,),
        split=split,
        subjects=len(marks) or None,
        subject_marks=marks,
    )
    return Heritage((training,), prints_of(dataset)[0])


def as_ancestor(training: Training) -> Training:
    """Without what only its own run folder has a use for."""
    return msgspec.structs.replace(training, ancestors=(), command="")


def prints_of(dataset: Dataset) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Each picture's print, and that of its mirror image."""
    found = fingerprints(dataset)
    places = np.uint64(1) << np.arange(_BITS, dtype=np.uint64)
    straight, mirrored = ((signs > 0) @ places for signs in (found.hashes, found.mirrored))
    return np.asarray(straight, np.uint64), np.asarray(mirrored, np.uint64)
