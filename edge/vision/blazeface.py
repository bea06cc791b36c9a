"""MediaPipe's BlazeFace: its anchors, its decoding and its weighted suppression, on any TFLite runtime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.flow import Faces
from edge.vision.boxes import overlaps
from edge.vision.detector import Network

__all__ = ["BlazeFace", "anchor_centres", "blend"]

_SAME_FACE = 0.3  # MediaPipe's min_suppression_threshold
_LOGIT_LIMIT = 80.0  # beyond it the exponential of a float32 overflows; MediaPipe clips at 100, to the same effect


class BlazeFace:
    patches = 2

    def __init__(
        self, network: Network, *, strides: Sequence[int], anchors_per_cell: Sequence[int], min_score: float
    ) -> None:
        _, height, width, _ = network.input_shape
        self.picture = (height, width)
        self._network = network
        self._centres = anchor_centres(self.picture, strides, anchors_per_cell)
        self.min_score = min_score

    def find(self, picture: NDArray[np.uint8], least: float | None = None) -> Faces:
        # Blue-green-red to red-green-blue in -1..1.
        x = picture[None, ..., ::-1].astype(np.float32) / np.float32(127.5) - np.float32(1)
        outputs = self._network.run(x)
        logits = next(o for o in outputs if o.shape[-1] == 1).reshape(-1)
        raw = next(o for o in outputs if o.shape[-1] != 1).reshape(len(logits), -1)
        if len(logits) != len(self._centres):
            raise Problem(
                f"The detector gives {len(logits)} boxes, its card speaks of {len(self._centres)}. "
                "Make the detector bundle again with `convert detector`."
            )
        scores = np.asarray(1 / (1 + np.exp(-np.clip(logits, -_LOGIT_LIMIT, _LOGIT_LIMIT))), np.float32)
        rows = np.flatnonzero(scores >= (self.min_score if least is None else least))
        return blend(self._decode(raw[rows], rows, scores[rows]))

    def _decode(self, raw: NDArray[np.float32], rows: NDArray[np.intp], scores: NDArray[np.float32]) -> Faces:
        # Each row: centre, size, then six points; all in picture pixels from the anchor's centre.
        centres = self._centres[rows]
        sizes = raw[:, 2:4]
        boxes = np.asarray(np.concatenate([raw[:, :2] + centres - sizes / 2, sizes], axis=1), np.float32)
        keypoints = raw[:, 4:16].reshape(-1, 6, 2) + centres[:, None]
        proper = np.flatnonzero((sizes > 0).all(axis=1))
        return Faces(boxes, scores, keypoints, np.full(len(rows), -1, np.int64)).take(proper)


def anchor_centres(
    picture: tuple[int, int], strides: Sequence[int], anchors_per_cell: Sequence[int]
) -> NDArray[np.float32]:
    """The middles of all cells, layer by layer, each as often as it has anchors (whose size is fixed)."""
    layers: list[NDArray[np.float32]] = []
    for stride, count in zip(strides, anchors_per_cell, strict=True):
        rows, columns = -(-picture[0] // stride), -(-picture[1] // stride)
        down, across = np.mgrid[:rows, :columns].astype(np.float32) + 0.5
        centres = np.stack([across * (picture[1] / columns), down * (picture[0] / rows)], axis=-1)
        layers.append(np.repeat(centres.reshape(-1, 2), count, axis=0))
    return np.concatenate(layers).astype(np.float32)


def blend(faces: Faces) -> Faces:
    """Weighted suppression: boxes that overlap the best one become their mean by score, and keep its score."""
    left = np.argsort(-faces.scores, kind="stable")
    boxes: list[NDArray[np.float32]] = []
    keypoints: list[NDArray[np.float32]] = []
    best: list[int] = []
    while len(left):
        same = overlaps(faces.boxes[left[:1]], faces.boxes[left])[0] > _SAME_FACE
        same[0] = True
        group, left = left[same], left[~same]
        weights = faces.scores[group] / faces.scores[group].sum()
        best.append(int(group[0]))
        boxes.append(weights @ faces.boxes[group])
        keypoints.append(np.tensordot(weights, faces.keypoints[group], axes=1))
    if not best:
        return Faces.none()
    return Faces(np.stack(boxes), faces.scores[best], np.stack(keypoints), faces.tracks[best])
