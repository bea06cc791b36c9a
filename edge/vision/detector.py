"""What vision asks of a face detector, whichever network does it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces

__all__ = ["Detector", "Network"]


class Network(Protocol):
    """A loaded graph; `edge.model.runtime.Network` is one."""

    @property
    def input_shape(self) -> tuple[int, ...]: ...

    @property
    def takes_bytes(self) -> bool:
        """Whether `run` takes a picture's bytes for what would be 0..1 in floats."""
        ...

    def run(self, x: NDArray[np.float32] | NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]: ...


class Detector(Protocol):
    """Finds faces in a picture of one fixed size."""

    @property
    def picture(self) -> tuple[int, int]:
        """Height and width of the picture it sees."""
        ...

    @property
    def min_score(self) -> float:
        """The score from which a single picture is enough to speak of a face."""
        ...

    @property
    def patches(self) -> int:
        """How many patches side by side, each with a face in its middle, it still finds the faces of."""
        ...

    def find(self, picture: NDArray[np.uint8], least: float | None = None) -> Faces:
        """Faces in picture pixels, best first, each once; `least` replaces `min_score` as the lowest reported."""
        ...
