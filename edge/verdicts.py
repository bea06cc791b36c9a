"""What the model says of the faces now to be seen: each is asked about anew only so often, for nobody's face
changes its meaning within a blink.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.flow import Faces, Frame, Scores
from edge.model.levels import level_matrix
from edge.model.reliability import errors
from edge.model.scores import Classifier
from edge.stages import Stages
from edge.vision.crop import crop_faces, normalize
from edge.vision.pose import roll

__all__ = ["Verdicts"]

_EVERY = 0.19  # seconds; vision looks for a known face as often, and a window smooths over ten times as long


class Verdicts:
    """Remembers the latest verdict on each face in view, and on nobody else."""

    def __init__(self, classifier: Classifier, stages: Stages) -> None:
        self._classifier = classifier
        self._levels = level_matrix(classifier.card.output, classifier.id)
        self._stages = stages
        self._given: dict[int, tuple[float, NDArray[np.float32]]] = {}
        """When, and what, by the number of the track."""

    def on(self, frame: Frame, faces: Faces) -> Scores:
        """A verdict on each face the model can tell something of, the new ones' and the outdated made now."""
        numbers = [int(number) for number in faces.tracks]
        known = {number: self._given[number] for number in numbers if number in self._given}
        asked = [row for row, n in enumerate(numbers) if n not in known or frame.at - known[n][0] >= _EVERY]
        fresh = self._ask(frame, faces.take(np.array(asked, np.intp)))
        known.update({numbers[row]: (frame.at, verdict) for row, verdict in zip(asked, fresh, strict=True)})
        self._given = known
        verdicts = np.array([known[number][1] for number in numbers], np.float32).reshape(len(numbers), fresh.shape[1])
        sound = np.isfinite(verdicts).all(axis=1)
        return Scores(faces.tracks[sound], verdicts[sound], errors(self._classifier.card, faces.boxes[sound]))

    def forget(self) -> None:
        self._given.clear()

    def _ask(self, frame: Frame, faces: Faces) -> NDArray[np.float32]:
        wanted = self._classifier.card.input
        with self._stages.timed("crop"):
            turns = roll(faces.keypoints) if wanted.align_roll else None
            crops = crop_faces(frame.image, faces.boxes, size=wanted.width, margin=wanted.margin, roll=turns)
            x = normalize(crops, wanted.normalization)
        with self._stages.timed("classify"):
            return self._classifier.probabilities(x) @ self._levels
