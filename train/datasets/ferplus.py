"""FER+: ten people's votes on every FER-2013 row, in the same order as the rows.

How votes become labels:
  official   FER-2013's own label; votes are not read.
  majority   the expression most voters chose; rows without one winner among our seven are left out.
  soft       FER-2013's own label, with vote shares as the soft label; single votes count as noise.
  votes      the same, but every vote counts.
Contempt is none of FER-2013's seven expressions, so its votes do not enter the shares. Rows that
voters call "not a face" leave the training split only: evaluation splits keep every row, so that
figures compare with published ones.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.errors import Problem
from train.datasets.dataset import Split
from train.datasets.names import EXPRESSIONS, split_name
from train.datasets.tables import rows

__all__ = ["MODES", "Judged", "Verdict", "verdicts"]

MODES = ("official", "majority", "soft", "votes")
# Columns in the order of EXPRESSIONS; then those that name none of them.
_SEVEN = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
_REST = ("contempt", "unknown", "NF")
_COUNT = re.compile("[0-9]{1,9}")  # what Python calls a digit may be no number


@dataclass(frozen=True, slots=True)
class Judged:
    label: int
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the voters said of one row."""

    mode: str
    votes: tuple[int, ...] = ()
    face: bool = True
    split: Split | None = None
    where: str = ""

    def judge(self, official: int, split: Split) -> Judged | str:
        """The label to use, or why the row is left out."""
        if self.mode == "official":
            return Judged(official)
        if split != self.split:
            raise Problem(f"{self.where} is of split {self.split!r}, but the FER-2013 row beside it of {split!r}.")
        if self.mode == "majority":
            return self._majority()
        if not self.face and split == "train":
            return f"not a face by {self.where}"
        seven = np.array(self.votes[: len(_SEVEN)], float)
        if self.mode == "soft":
            seven[seven == 1] = 0
        if not seven.any():
            return Judged(official, tuple(float(n == official) for n in range(len(EXPRESSIONS))))
        return Judged(official, tuple(float(share) for share in seven / seven.sum()))

    def _majority(self) -> Judged | str:
        if not self.face:
            return f"not a face by {self.where}"
        order = np.argsort(self.votes)
        winner, second = int(order[-1]), int(order[-2])
        if self.votes[winner] == self.votes[second]:
            return f"no majority in {self.where}"
        if winner >= len(_SEVEN):
            return f"the majority of {self.where} chose {_REST[winner - len(_SEVEN)]}"
        return Judged(winner)


def verdicts(path: Path | None, mode: str) -> Iterator[Verdict]:
    if mode not in MODES:
        raise Problem(f"{mode!r} is no way to label FER-2013; choose from {', '.join(MODES)}.")
    if mode == "official":
        return itertools.repeat(Verdict(mode))
    if path is None:
        raise Problem(f"Labels {mode!r} need the FER+ votes: give --votes fer2013new.csv.")
    return _read(path, mode)


def _read(path: Path, mode: str) -> Iterator[Verdict]:
    for where, values in rows(path, ("Usage", "Image name", *_SEVEN, *_REST)):
        counts = values[2:]
        if not all(map(_COUNT.fullmatch, counts)):
            raise Problem(f"{where} holds a vote count that is no whole number.")
        votes = tuple(int(count) for count in counts)
        yield Verdict(mode, votes, face=bool(values[1]), split=split_name(values[0], where), where=where)
