"""The network that answers, and where it looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.judging.scorer import Scorer, normalized, open_scorer

if TYPE_CHECKING:
    from train.explaining.gradcam import Cam

__all__ = ["Answer", "Network"]


@dataclass(frozen=True, slots=True)
class Answer:
    shares: tuple[float, ...]
    """One a label, summing to 1."""
    heat: NDArray[np.float32] | None
    """Where in the face's last frame the network looked, 0 to 1; None if nobody asked."""


class Network:
    """Loaded and tried once, so that one that does not fit says so before a page is shown."""

    def __init__(self, path: Path) -> None:
        self._scorer: Scorer = open_scorer(path)
        self.facts, self.frames = self._scorer.facts, self._scorer.frames
        self._cam: Cam | None = None
        self.silent = ""
        """Why it cannot be said where it looks; empty where it can."""
        try:
            self._cam = _cam(self._scorer.network)
        except Problem as problem:
            self.silent = str(problem)
        side = (self.facts.input.height, self.facts.input.width)
        self.ask({0: np.zeros((self.frames, *side), np.uint8)}, attention=False)

    def ask(self, crops: Mapping[int, NDArray[np.uint8]], *, attention: bool) -> dict[int, Answer]:
        """An answer for each face's frames (time x size x size)."""
        if not crops:
            return {}
        x = np.stack(list(crops.values()))
        x = x if self.frames > 1 else x[:, 0]
        shares = self._scorer.probabilities(x)
        heat: list[NDArray[np.float32] | None] = [None] * len(x)
        if attention and self._cam is not None:
            maps = self._cam(normalized(x, self.facts), shares.argmax(axis=1))
            # Against the hottest place of all frames: how much the last one counts is to be seen.
            heat = [_last(one) / max(float(one.max()), 1e-9) for one in maps]
        return {track: Answer(tuple(row.tolist()), warm) for track, row, warm in zip(crops, shares, heat, strict=True)}


def _last(one: NDArray[np.float32]) -> NDArray[np.float32]:
    return one[-1] if one.ndim == 3 else one


def _cam(network: Any) -> Cam:
    if network is None:
        raise Problem("A bundle has no gradients; give the run folder it was made from.")
    from train.explaining.gradcam import Cam  # which loads Keras

    return Cam(network)
