"""The biggest face of a single picture, and whether pictures are cut to their faces at all.

Asked by the programs that train, convert or judge, before they do so on the wrong pictures; a sensor never asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model import bundle
from edge.model.runtime import Network
from edge.vision import make_detector
from edge.vision.search import find_everywhere

__all__ = ["LOOKED_AT", "Finder", "biggest_face", "no_closeups"]

Finder = Callable[[NDArray[np.uint8]], "NDArray[np.float32] | None"]
"""Gives the box of a picture's biggest face, if it has one."""

LOOKED_AT = 16
"""Pictures of a data set, drawn from all over it, are enough to tell what it is."""
_SURE = 0.5
"""A false alarm may be big; the device, which follows faces over time, can afford to doubt longer."""
_SMALLEST = 1 / 12
"""Of the picture's shorter side: whoever a picture is about is larger."""
_SHOWN_AT = 320
_FILLED = 0.5
"""Faces fill 0.56 to 1 of the longer side of 120 published crops, and at most 0.38 of 33 photographs."""
_LONG = 1.5
"""No face crop is so much longer than wide, or wider than long."""


def biggest_face() -> Finder:
    """A new finder; one serves one thread."""
    loaded = bundle.load(bundle.shipped("detector"), kind="detector")
    anchors = loaded.card.anchors
    if anchors is None:
        raise Problem(f"{loaded.path} does not say how its faces are decoded. Install edge-engage again.")
    detector = make_detector(
        anchors.family,
        Network(loaded.model),
        strides=anchors.strides,
        anchors_per_cell=anchors.anchors_per_cell,
        min_score=anchors.min_score,
    )

    def find(image: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
        faces = find_everywhere(detector, colour, max(16, min(image.shape[:2]) * _SMALLEST))
        faces = faces.take(faces.scores >= _SURE)
        if not len(faces):
            return None
        return faces.boxes[[int(np.argmax(faces.boxes[:, 2] * faces.boxes[:, 3]))]]

    return find


def no_closeups(pictures: Sequence[NDArray[np.uint8]]) -> str:
    """Why these few pictures cannot be face crops, by their shape and by the device's own detector; "" if they can."""
    advice = "These are no face crops. Cut them first: train prepare DATA --out FOLDER"
    if not pictures:
        return ""
    long = sum(max(picture.shape[:2]) > _LONG * min(picture.shape[:2]) for picture in pictures)
    if 2 * long > len(pictures):
        return f"{long} of {len(pictures)} pictures looked at are far from square. {advice}"
    find = biggest_face()
    shares = [share for share in (_filled(find, picture) for picture in pictures) if share is not None]
    small = sum(share < _FILLED for share in shares)
    # One of many may be a false alarm.
    if 2 * small > len(shares) and small > max(1, 0.1 * len(pictures)):
        return f"In {small} of {len(pictures)} pictures looked at the face fills less than half of a side. {advice}"
    return ""


def _filled(find: Finder, picture: NDArray[np.uint8]) -> float | None:
    """The longer side of the biggest face, as a share of the picture's."""
    scale = _SHOWN_AT / max(picture.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    box = find(np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8))
    return None if box is None else float(box[0, 2:].max()) / _SHOWN_AT
