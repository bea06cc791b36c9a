"""Looks through windows and joins what each shows: every face once, none cut by a window's edge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces
from edge.vision.boxes import inside, parts, strongest
from edge.vision.detector import Detector
from edge.vision.tiles import levels
from edge.vision.window import Window, cut, to_frame

__all__ = ["find_everywhere", "finest_step", "joined", "look", "windows_for"]

_SEEN_AT = 24  # picture pixels at which the smallest face is shown
_OVERLAP = 48  # picture pixels that neighbouring windows share
_EDGE = 2  # picture pixels; a box that ends so near an edge was cut
_SAME_FACE = 0.4


def finest_step(smallest_face: float) -> float:
    """Frame pixels a picture pixel, where the smallest face is looked for."""
    return smallest_face / _SEEN_AT


def windows_for(frame: tuple[int, int], detector: Detector, smallest_face: float) -> tuple[Window, ...]:
    return tuple(
        window
        for level in levels(frame, detector.picture, finest=finest_step(smallest_face), overlap=_OVERLAP)
        for window in level.windows
    )


def find_everywhere(detector: Detector, image: NDArray[np.uint8], smallest_face: float) -> Faces:
    """All faces of a single picture, by one look through every window."""
    windows = windows_for((image.shape[0], image.shape[1]), detector, smallest_face)
    return joined([look(detector, image, window, detector.min_score) for window in windows])


def look(detector: Detector, image: NDArray[np.uint8], window: Window, least: float) -> Faces:
    """The whole faces seen through one window, in frame pixels."""
    faces = detector.find(cut(image, window, detector.picture), least)
    return to_frame(faces.take(inside(faces.boxes, _uncut(window, detector.picture, image.shape))), window)


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


def _uncut(window: Window, picture: tuple[int, int], frame: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in picture pixels within which a box is whole: edges of the frame cut nothing."""
    far = float("inf")
    return (
        _EDGE if window.left > 0 else -far,
        _EDGE if window.top > 0 else -far,
        picture[1] - _EDGE if window.left + picture[1] * window.step < frame[1] else far,
        picture[0] - _EDGE if window.top + picture[0] * window.step < frame[0] else far,
    )
