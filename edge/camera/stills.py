"""A folder of pictures, in the order of their names."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from edge.camera.source import Image
from edge.errors import Problem

__all__ = ["Stills"]

_KINDS = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
_NAMED = 5  # unreadable pictures named in the message; the others are counted


class Stills:
    """Shows one picture a second. At the end it tells which pictures could not be read."""

    fps = 1.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _KINDS)
        except OSError as error:
            raise Problem(f"The folder {folder} cannot be read: {error.strerror}.") from None
        if not self._files:
            kinds = ", ".join(sorted(_KINDS))
            raise Problem(f"The folder {folder} holds no picture. Pictures are files named {kinds}.")
        self._next = iter(self._files)
        self._unreadable: list[str] = []

    def read(self) -> Image | None:
        for file in self._next:
            image = _decode(file)
            if image is not None:
                return image
            self._unreadable.append(file.name)
        if not self._unreadable:
            return None
        names = ", ".join(self._unreadable[:_NAMED])
        more = len(self._unreadable) - _NAMED
        raise Problem(
            f"{len(self._unreadable)} of {len(self._files)} pictures in {self._folder} could not be read: "
            f"{names}{f' and {more} more' if more > 0 else ''}. They are damaged, or no pictures."
        )

    def close(self) -> None:
        self._next = iter(())


def _decode(file: Path) -> Image | None:
    try:
        data = np.fromfile(file, np.uint8)
    except OSError:
        return None
    # imdecode, unlike imread, says nothing on stderr about a file that is no picture; it raises on an empty one.
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if image is None else image.astype(np.uint8, copy=False)
