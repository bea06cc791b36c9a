"""The last frames of each face in view, as many as the network looks at; who leaves is forgotten."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces, Frame
from edge.model.card import Input
from edge.vision.crop import crop_faces
from edge.vision.pose import roll

__all__ = ["Memory"]


@dataclass(frozen=True, slots=True)
class _Look:
    """One face in one frame. Faces of a frame share its picture."""

    grey: NDArray[np.uint8]
    box: NDArray[np.float32]
    """1 x 4."""
    turn: NDArray[np.float32]
    """1: how far it leans, in radians."""


class Memory:
    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._looks: dict[int, deque[_Look]] = {}
        """By the number of the track."""

    def see(self, frame: Frame, faces: Faces) -> None:
        grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), np.uint8)
        turns = roll(faces.keypoints)
        known, self._looks = self._looks, {}
        for row, track in enumerate(faces.tracks.tolist()):
            looks = self._looks[track] = known.get(track, deque(maxlen=self._frames))
            looks.append(_Look(grey, faces.boxes[row : row + 1], turns[row : row + 1]))

    def held(self, track: int) -> int:
        """How many frames of this face there are."""
        return len(self._looks.get(track, ()))

    def crops(self, wanted: Input) -> dict[int, NDArray[np.uint8]]:
        """Of every face with frames enough: time x size x size, cut as the network's training pictures were.

        One box for the whole sequence, the middle frame's, so that the crop does not jitter.
        """
        full = {track: list(looks) for track, looks in self._looks.items() if len(looks) == self._frames}
        return {track: _cut(looks, looks[len(looks) // 2], wanted) for track, looks in full.items()}


def _cut(looks: list[_Look], middle: _Look, wanted: Input) -> NDArray[np.uint8]:
    turn = middle.turn if wanted.align_roll else None
    cut = [crop_faces(look.grey, middle.box, size=wanted.width, margin=wanted.margin, roll=turn) for look in looks]
    return np.concatenate(cut)
