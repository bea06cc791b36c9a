"""What every camera is to the rest of the program."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Image", "Source"]

Image = NDArray[np.uint8]
"""Height x width x 3, blue-green-red."""


class Source(Protocol):
    """An open camera, file or folder. Used and closed by one thread."""

    @property
    def fps(self) -> float:
        """Frames a second: the speed of a file, what was asked of a camera."""
        ...

    def read(self) -> Image | None:
        """The next picture; None at the end.

        Raises Problem when a camera is lost, and at the end of a file or folder that had more to
        give than could be read.
        """
        ...

    def close(self) -> None: ...
