# /// script
# requires-python = "==3.11.*"
# dependencies = ["mtcnn==1.0.0", "tensorflow-cpu==2.21.0", "opencv-python-headless==4.14.0.94", "numpy==2.4.6"]
# ///
"""MTCNN by the package of that name, at its defaults."""

from __future__ import annotations

from typing import Any

import cv2
from frames import serve
from mtcnn import MTCNN

detector = MTCNN(device="CPU:0")


def find(image: Any) -> list[tuple[float, ...]]:
    found = detector.detect_faces(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)) or []
    return [(*face["box"], face["confidence"]) for face in found]


serve(find)
