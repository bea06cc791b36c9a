"""Looks through tiles and joins what each shows: every face once, none cut by a tile's edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.boxes import inside, parts, strongest
from edge.vision.detector import Detector
from edge.vision.levels import levels
from edge.vision.tile import Tile, cut, to_frame

__all__ = ["find_everywhere", "finest_step", "joined", "look", "tiles_for"]

_SEEN_AT = 24  # picture pixels at which the smallest face is shown
_OVERLAP = 48  # picture pixels that neighbouring tiles share
_EDGE = 2  # picture pixels; a box that ends so near an edge was cut
_SAME_FACE = 0.4


def finest_step(smallest_face: float) -> float:
    """Frame pixels a picture pixel, where the smallest face is looked for."""
    return smallest_face / _SEEN_AT


def tiles_for(frame: tuple[int, int], detector: Detector, smallest_face: float) -> tuple[Tile, ...]:
    return tuple(
        tile
        for level in levels(frame, detector.picture, finest=finest_step(smallest_face), overlap=_OVERLAP)
        for tile in level.tiles
    )


def find_everywhere(detector: Detector, image: NDArray[np.uint8], smallest_face: float) -> Faces:
    """All faces of a single picture, by one look through every tile."""
    tiles = tiles_for((image.shape[0], image.shape[1]), detector, smallest_face)
    return joined([look(detector, image, tile, detector.min_score) for tile in tiles])


def look(detector: Detector, image: NDArray[np.uint8], tile: Tile, least: float) -> Faces:
    """The whole faces that one tile shows, in frame pixels."""
    faces = detector.find(cut(image, tile, detector.picture), least)
    return to_frame(faces.take(inside(faces.boxes, _uncut(tile, detector.picture, image.shape))), tile)


def joined(seen: Sequence[Faces]) -> Faces:
    """What several looks at one frame showed: each face once."""
    if not seen:
        return Faces.none()
    every = Faces(
        np.concatenate([faces.boxes for faces in seen]),
        np.concatenate([faces.scores for faces in seen]),
        np.concatenate([faces.keypoints for faces in seen]),
        np.concatenate([faces.tracks for faces in seen]),
    )
    best = every.take(strongest(every.boxes, every.scores, _SAME_FACE))
    return best.take(~parts(best.boxes, best.scores))


def _uncut(tile: Tile, picture: tuple[int, int], frame: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in picture pixels within which a box is whole: edges of the frame cut nothing."""
    far = float("inf")
    return (
        _EDGE if tile.left > 0 else -far,
        _EDGE if tile.top > 0 else -far,
        picture[1] - _EDGE if tile.left + picture[1] * tile.step < frame[1] else far,
        picture[0] - _EDGE if tile.top + picture[0] * tile.step < frame[0] else far,
    )
