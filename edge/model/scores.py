"""From face crops to probabilities, by the contract of the bundle's card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model.bundle import Bundle
from edge.model.runtime import Network, edgetpu_delegate
from edge.model.temperature import tempered
from edge.model.trial import check_fit

__all__ = ["Classifier", "normalized", "softmax"]

_ROUNDING = 0.02  # of a probability; an 8-bit network's steps are a fifth of it
_NONE = "The model gave scores that are no probabilities. Such faces are left out. Make its bundle again."


class Classifier:
    """A verified bundle, loaded and ready. `note` says when it fell back from the EdgeTPU."""

    def __init__(self, bundle: Bundle, *, threads: int = 1) -> None:
        self.card = bundle.card
        self.id = bundle.id
        self.note = ""
        delegate = None
        if bundle.edgetpu is not None:
            delegate, why = edgetpu_delegate()
            if delegate is None:
                self.note = f"EdgeTPU not used: {why}; running on the CPU"
        model = bundle.model if delegate is None or bundle.edgetpu is None else bundle.edgetpu
        self._network = Network(model, threads=threads, delegate=delegate)
        self.runtime = self._network.runtime
        try:
            check_fit(self.card, self._network)  # what was compiled for the EdgeTPU was not tried without one
        except Problem as problem:
            raise Problem(f"{bundle.path} cannot work: {problem} Pack the bundle again.") from None

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """N normalized faces to N x labels, each row adding up to 1, or NaN where the model gave no probabilities.

        One invoke a face: a larger batch gains nothing on LiteRT.
        """
        rows = [self._network.run(face[None])[0][0] for face in x]
        out = np.array(rows, np.float32).reshape(len(x), len(self.card.output.labels))
        rows = softmax(out) if self.card.output.activation == "logits" else normalized(out)
        if np.isnan(rows).any() and _NONE not in self.note:
            self.note = f"{self.note}; {_NONE}" if self.note else _NONE
        return tempered(rows, self.card.output.temperature)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores to probabilities; NaN for a row that has one that is not finite."""
    logits = _finite(logits)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def normalized(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities that add up to 1 but for what an integer network rounds; NaN for a row of anything else."""
    rows = _finite(rows)
    sound = (rows >= -_ROUNDING) & (np.abs(rows.sum(axis=1, keepdims=True) - 1) <= rows.shape[1] * _ROUNDING)
    rows = np.clip(np.where(sound.all(axis=1, keepdims=True), rows, np.float32(np.nan)), 0, None)
    return rows / rows.sum(axis=1, keepdims=True)


def _finite(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows; NaN all along for one that holds a number that is not finite."""
    return np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, np.float32(np.nan))
