"""The biggest face of a picture, found by the detector that ships with the device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model import bundle
from edge.model.runtime import Network
from edge.vision import make_detector
from edge.vision.search import find_everywhere

if TYPE_CHECKING:
    from train.datasets.sequences import Finder

__all__ = ["biggest_face"]

_SURE = 0.5
"""A false alarm may be big; the device, which follows faces over time, can afford to doubt longer."""
_SMALLEST = 1 / 12
"""Of the picture's shorter side: whoever a picture is about is larger."""


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
