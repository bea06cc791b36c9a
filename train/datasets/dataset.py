"""The one type every data set becomes: labelled samples that know whose face they are and where they came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.model.card import Level
from edge.model.levels import Levels
from edge.model.subjects import mark

__all__ = ["Dataset", "Sample", "Skipped", "Split", "Whole", "is_sequence"]

# The official names of published splits (Training, PublicTest, PrivateTest, Train, Validation, Test)
# are translated when a data set is read.
Split = str  # "train", "validation", "test" or "" where the data set has none
Whole = Literal["subject", "session", "both"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled picture, or one labelled sequence of pictures."""

    label: int
    origin: str
    """Where it came from, for people: `file.csv:17` or a path."""
    load: Callable[[], NDArray[np.uint8]]
    """Reads it: H x W or H x W x 3 (blue-green-red); sequences have a leading time axis."""
    group: str = ""
    """The subject or the recording; never to be divided over two splits."""
    split: Split = ""
    weights: tuple[float, ...] | None = None
    """Soft label: one share a label, summing to 1."""
    session: str = ""
    """The lesson or sitting in which it was taken; one session may show several subjects, in one room and light."""
    traits: Mapping[str, str] = field(default_factory=dict)
    """What else a manifest says of it, by column: age, skin, glasses, room. Measured by, never trained on."""


@dataclass(frozen=True, slots=True)
class Skipped:
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    labels: tuple[str, ...]
    samples: tuple[Sample, ...]
    skipped: tuple[Skipped, ...] = ()
    provenance: str = ""
    margin: float = 0.0
    """How much wider than the device's face box the pictures are, as in a card; measured for ready crops."""
    levels: Levels = field(default_factory=dict[Level, tuple[str, ...]])
    """Which labels mean low, mid and high engagement, where somebody said so."""
    whole: Whole = "both"
    """What no split and no fold may divide."""

    def only(self, split: Split) -> Dataset:
        return replace(self, samples=tuple(s for s in self.samples if s.split == split))

    def for_training(self) -> Dataset:
        """The train split, or everything where there are no splits."""
        return self.only("train") if any(s.split for s in self.samples) else self

    def groups(self) -> tuple[str, ...]:
        return tuple(sorted({s.group for s in self.samples}))

    def marks(self) -> tuple[str, ...]:
        """A digest of each subject's name; none where no subject is named."""
        return tuple(mark(group) for group in self.groups() if group)

    def __len__(self) -> int:
        return len(self.samples)


def is_sequence(image: NDArray[np.uint8]) -> bool:
    """Whether what a sample loads has time in front: a picture is height x width, or that x 3 colours."""
    return image.ndim == 4 or (image.ndim == 3 and image.shape[2] != 3)
