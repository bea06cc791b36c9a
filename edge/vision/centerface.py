"""CenterFace: a map of how likely a face is centred at each fourth pixel, with its size and five points."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.boxes import strongest
from edge.vision.detector import Network

__all__ = ["CenterFace"]

_SAME_FACE = 0.3
_FAINTEST = 0.1  # heat below which nothing is worth decoding
_LARGEST = 8.0  # log of cells; a wild value must not overflow
# The network is too sure of small faces. Logistic regression on 641 labelled faces (32 pictures): how likely
# a peak is a face, from its own score and, below the size at which that no longer matters, from its height.
_BIAS, _BY_SCORE, _BY_HEIGHT, _LARGE_ENOUGH = 1.433, 2.562, 4.067, 32.0


class CenterFace:
    patches = 4

    def __init__(self, network: Network, *, strides: Sequence[int], min_score: float) -> None:
        _, height, width, _ = network.input_shape
        self.picture = (height, width)
        self._network = network
        self._stride = strides[0]
        self.min_score = min_score

    def find(self, picture: NDArray[np.uint8], least: float | None = None) -> Faces:
        # The channels' order matters much: fed blue-green-red, the network finds a third fewer faces.
        colours = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)[None]
        x = colours if self._network.takes_bytes else colours.astype(np.float32) / np.float32(255)
        outputs = {o.shape[-1]: o[0] for o in self._network.run(x)}
        heat, sizes, places = outputs[1][..., 0], outputs[2], outputs[12]
        # A face lights several cells; only the brightest of its neighbourhood speaks.
        peaks = (heat >= _FAINTEST) & (heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8)))
        down, across = np.nonzero(peaks)
        faces = self._decode(down, across, heat[peaks], sizes[peaks], places[peaks])
        faces = faces.take(faces.scores >= (self.min_score if least is None else least))
        return faces.take(strongest(faces.boxes, faces.scores, _SAME_FACE))

    def _decode(
        self,
        down: NDArray[np.intp],
        across: NDArray[np.intp],
        scores: NDArray[np.float32],
        sizes: NDArray[np.float32],
        places: NDArray[np.float32],
    ) -> Faces:
        # The maps name rows before columns; boxes and points name x before y.
        cells = np.stack([across, down], axis=1) + places[:, 1::-1] + np.float32(0.5)
        extent = np.exp(np.minimum(sizes[:, ::-1], _LARGEST)) * self._stride
        corner = cells * self._stride - extent / 2
        points = places[:, 2:].reshape(-1, 5, 2)[..., ::-1] * extent[:, None] + corner[:, None]
        # Right eye, left eye, nose, two mouth corners: the ears are unknown.
        ears = np.full((len(scores), 2, 2), np.nan)
        keypoints = np.concatenate([points[:, :3], points[:, 3:].mean(axis=1, keepdims=True), ears], axis=1)
        boxes = np.concatenate([corner, extent], axis=1).astype(np.float32)
        sure = _likelihood(scores, extent[:, 1])
        return Faces(boxes, sure, keypoints.astype(np.float32), np.full(len(scores), -1, np.int64))


def _likelihood(scores: NDArray[np.float32], heights: NDArray[np.float32]) -> NDArray[np.float32]:
    inner = np.clip(scores, 0.01, 0.99)
    small = np.log(np.minimum(heights, _LARGE_ENOUGH) / _LARGE_ENOUGH)
    evidence = _BIAS + _BY_SCORE * np.log(inner / (1 - inner)) + _BY_HEIGHT * small
    return np.asarray(1 / (1 + np.exp(-evidence)), np.float32)
