"""From face crops to probabilities, by the contract of the bundle's card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model.bundle import Bundle
from edge.model.runtime import Network, edgetpu_delegate
from edge.model.temperature import tempered

__all__ = ["Classifier"]


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
        self._check(bundle)

    def _check(self, bundle: Bundle) -> None:
        asked = self.card.input
        expected = (1, asked.height, asked.width, asked.channels)
        if self._network.input_shape != expected:
            raise Problem(
                f"{bundle.path}: the card promises an input of {expected}, "
                f"the model has {self._network.input_shape}. Pack the bundle again."
            )
        labels = len(self.card.output.labels)
        shape = self._network.output_shapes[0]
        if shape[-1] != labels:
            raise Problem(f"{bundle.path}: the card names {labels} labels, the model gives {shape[-1]}.")

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """N normalized faces to N x labels. One invoke a face: a larger batch gains nothing on LiteRT."""
        rows = [self._network.run(face[None])[0][0] for face in x]
        out = np.array(rows, np.float32).reshape(len(x), len(self.card.output.labels))
        if self.card.output.activation == "logits":
            out = np.exp(out - out.max(axis=1, keepdims=True, initial=0))
        rows = out / np.maximum(out.sum(axis=1, keepdims=True), np.float32(1e-9))
        return tempered(rows, self.card.output.temperature)
