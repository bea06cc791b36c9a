"""The clip's three rows show the same two people at three distances: who sits farther back is judged alike."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge.demo
from edge.model import bundle
from edge.model.scores import Classifier
from edge.vision.crop import crop_faces, normalize

TRUTH = json.loads(Path(__file__).with_name("classroom.json").read_text())
LAST_SEATS = (5, 10, 14)
"""Of the back, middle and front row; a face is 26, 50 and 94 pixels high there."""


@pytest.fixture(scope="module")
def engaged() -> list[float]:
    """The mean of each row, over a frame a second."""
    classifier = Classifier(bundle.load(bundle.shipped("engagement"), kind="engagement"))
    asked, video = classifier.card.input, cv2.VideoCapture(str(edge.demo.CLIP))
    rows: list[list[np.ndarray]] = [[] for _ in LAST_SEATS]
    for number, frame in enumerate(TRUTH["frames"]):
        image = video.read()[1]
        if number % TRUTH["fps"]:
            continue
        boxes = np.array([face[1:] for face in frame["faces"]], np.float32)
        crops = crop_faces(image, boxes, size=asked.width, margin=asked.margin)
        for face, shares in zip(
            frame["faces"], classifier.probabilities(normalize(crops, asked.normalization)), strict=True
        ):
            rows[int(np.searchsorted(LAST_SEATS, face[0]))].append(shares)
    return [float(np.mean(row, axis=0) @ (0, 0.5, 1)) for row in rows]


def test_rows_of_the_same_people_are_judged_alike(engaged):
    assert max(engaged) - min(engaged) < 0.03, engaged
