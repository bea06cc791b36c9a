"""The real detector on real pictures: public-domain portraits, and the sample clip."""

import json
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pytest

from edge.flow import Frame
from edge.model.bundle import load, shipped
from edge.model.runtime import Network
from edge.vision import make_detector

ROOT = Path(__file__).parents[2]


def shipped_detector(name):
    bundle = load(shipped(name), kind="detector")
    anchors = bundle.card.anchors
    return make_detector(
        anchors.family,
        Network(bundle.model),
        strides=anchors.strides,
        anchors_per_cell=anchors.anchors_per_cell,
        min_score=anchors.min_score,
    )


@pytest.fixture(scope="session")
def detector():
    return shipped_detector("detector")


@pytest.fixture(scope="session")
def blazeface():
    return shipped_detector("detector-blazeface")


@pytest.fixture(scope="session")
def hopper():
    """Grace Hopper's portrait, and the box of her face in it."""
    image = cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    return image, np.array([170, 105, 200, 250], np.float32)


@pytest.fixture(scope="session")
def crowd(hopper):
    """Makes a frame of a given size with faces at given middles and heights, and the boxes they have there."""
    portrait, (x, y, w, h) = hopper

    def make(width, height, faces, background=96):
        frame = np.full((height, width, 3), background, np.uint8)
        boxes = []
        for middle_x, middle_y, tall in faces:
            scale = tall / h
            small = cv2.resize(portrait[:420], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            left, top = round(middle_x - (x + w / 2) * scale), round(middle_y - (y + h / 2) * scale)
            here = (max(left, 0), max(top, 0), min(left + small.shape[1], width), min(top + small.shape[0], height))
            part = small[here[1] - top : here[3] - top, here[0] - left : here[2] - left]
            frame[here[1] : here[3], here[0] : here[2]] = part
            boxes.append((left + x * scale, top + y * scale, w * scale, h * scale))
        return frame, np.array(boxes, np.float32).reshape(-1, 4)

    return make


@pytest.fixture(scope="session")
def clip():
    """The first eight seconds of the sample clip, each frame read once."""
    video = cv2.VideoCapture(str(ROOT / "edge" / "demo" / "classroom.mp4"))
    return [Frame(video.read()[1], number / 15, number) for number in range(120)]


@pytest.fixture(scope="session")
def truth():
    """Where the clip's faces are, a list a frame: rows of seat, x, y, width, height."""
    frames = json.loads((ROOT / "tests" / "sample" / "classroom.json").read_text(encoding="utf-8"))["frames"]
    return [np.array(frame["faces"], np.float32).reshape(-1, 5) for frame in frames]
