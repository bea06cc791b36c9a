"""The camera's picture with a frame and a number for each face and, if asked for, where the network looks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.card import Input

__all__ = ["Shown", "draw"]

_WIDEST = 960  # pixels of the page's picture; more would only cost time
_ACCENT = (160, 178, 60)  # blue, green, red: the page's own colour, readable on skin and on shade
_INK = (24, 22, 16)
_STRONGEST = 0.7  # of the heat's colour over the picture's


@dataclass(frozen=True, slots=True)
class Shown:
    """One face on the picture."""

    number: int
    box: NDArray[np.float32]
    """x, y, width, height."""
    turn: float
    """Radians the network's crop was turned by."""
    heat: NDArray[np.float32] | None


def draw(image: NDArray[np.uint8], faces: list[Shown], wanted: Input) -> bytes:
    """As a JPEG, in memory."""
    scale = min(1.0, _WIDEST / image.shape[1])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    picture = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image.copy(), np.uint8)
    for face in faces:
        if face.heat is not None:
            _heat(picture, face, face.heat, wanted.margin, scale)
    for face in faces:
        _frame(picture, face, scale)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def _heat(picture: NDArray[np.uint8], face: Shown, heat: NDArray[np.float32], margin: float, scale: float) -> None:
    """Laid over the square that the network was shown, turned as it was."""
    side = float(face.box[2:].max()) * (1 + margin) * scale
    x, y = ((face.box[:2] + face.box[2:] / 2) * scale).tolist()
    step, half = side / len(heat), (len(heat) - 1) / 2
    across, down = step * np.cos(face.turn), step * np.sin(face.turn)
    place = np.array([[across, -down, 0], [down, across, 0]])
    place[:, 2] = (x - 0.5, y - 0.5) - place[:, :2] @ (half, half)
    strength = cv2.warpAffine(heat, place, picture.shape[1::-1], flags=cv2.INTER_LINEAR)
    left, top = max(0, int(x - side)), max(0, int(y - side))
    part = (slice(top, int(y + side) + 1), slice(left, int(x + side) + 1))
    colours = cv2.applyColorMap((strength[part] * 255).clip(0, 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    weight = _STRONGEST * strength[part][..., None].clip(0, 1)
    picture[part] = (picture[part] * (1 - weight) + colours * weight).astype(np.uint8)


def _frame(picture: NDArray[np.uint8], face: Shown, scale: float) -> None:
    x, y, width, height = (face.box * scale).round().astype(int).tolist()
    cv2.rectangle(picture, (x, y), (x + width, y + height), _ACCENT, 2, cv2.LINE_AA)
    text = str(face.number)
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 2)
    corner = (x - 1, max(0, y - tall - 12))
    cv2.rectangle(picture, corner, (corner[0] + wide + 12, corner[1] + tall + 12), _ACCENT, -1)
    at = (corner[0] + 6, corner[1] + tall + 5)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, _INK, 2, cv2.LINE_AA)
