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

__all__ = ["find_everywhere", "search", "windows_for"]

_SEEN_AT = 24  # picture pixels at which the smallest face is shown
_OVERLAP = 48  # picture pixels that neighbouring windows share
_EDGE = 2  # picture pixels; a box that ends so near an edge was cut
_SAME_FACE = 0.4


def windows_for(frame: tuple[int, int], detector: Detector, smallest_face: float) -> tuple[Window, ...]:
    return tuple(
        window
        for level in levels(frame, detector.picture, smallest_face=smallest_face, seen_at=_SEEN_AT, overlap=_OVERLAP)
        for window in level.windows
    )


def find_everywhere(detector: Detector, image: NDArray[np.uint8], smallest_face: float) -> Faces:
    """All faces of a single picture, by one look through every window."""
    size = (image.shape[0], image.shape[1])
    faces, _ = search(detector, image, windows_for(size, detector, smallest_face))
    return faces


def search(
    detector: Detector, image: NDArray[np.uint8], windows: Sequence[Window], least: float | None = None
) -> tuple[Faces, NDArray[np.float64]]:
    """The faces seen through the windows, in frame pixels, and the step of the window each was seen best in."""
    seen: list[Faces] = []
    steps: list[NDArray[np.float64]] = []
    for window in windows:
        faces = detector.find(cut(image, window, detector.picture), least)
        faces = faces.take(inside(faces.boxes, _uncut(window, detector.picture, image.shape)))
        seen.append(to_frame(faces, window))
        steps.append(np.full(len(faces), window.step, np.float64))
    if not seen:
        return Faces.none(), np.empty(0, np.float64)
    every = Faces(
        np.concatenate([faces.boxes for faces in seen]),
        np.concatenate([faces.scores for faces in seen]),
        np.concatenate([faces.keypoints for faces in seen]),
        np.concatenate([faces.tracks for faces in seen]),
    )
    best = strongest(every.boxes, every.scores, _SAME_FACE)
    best = best[~parts(every.boxes[best], every.scores[best])]
    return every.take(best), np.concatenate(steps)[best]


def _uncut(window: Window, picture: tuple[int, int], frame: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in picture pixels within which a box is whole: edges of the frame cut nothing."""
    far = float("inf")
    return (
        _EDGE if window.left > 0 else -far,
        _EDGE if window.top > 0 else -far,
        picture[1] - _EDGE if window.left + picture[1] * window.step < frame[1] else far,
        picture[0] - _EDGE if window.top + picture[0] * window.step < frame[0] else far,
    )
