# /// script
# requires-python = "==3.11.*"
# dependencies = ["mediapipe==0.10.21", "numpy==1.26.4", "opencv-python-headless==4.11.0.86"]
# [tool.uv]
# # Its face detectors import neither of these, and they are a gigabyte.
# override-dependencies = [
#     "jax ; python_version < '3'", "jaxlib ; python_version < '3'", "sentencepiece ; python_version < '3'",
#     "opencv-contrib-python ; python_version < '3'",
# ]
# ///
"""MediaPipe as its guides call it: `short` and `full` range of `solutions`, or `tasks` (short range)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
from frames import serve


def solutions(image: Any) -> list[tuple[float, ...]]:
    height, width = image.shape[:2]
    rows = []
    for found in detector.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).detections or []:
        box = found.location_data.relative_bounding_box
        rows.append((box.xmin * width, box.ymin * height, box.width * width, box.height * height, found.score[0]))
    return rows


def tasks(image: Any) -> list[tuple[float, ...]]:
    picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    found = [(d.bounding_box, d.categories[0].score) for d in detector.detect(picture).detections]
    return [(box.origin_x, box.origin_y, box.width, box.height, score) for box, score in found]


if sys.argv[1] == "tasks":
    model = Path(mp.__file__).parent / "modules/face_detection/face_detection_short_range.tflite"
    vision = mp.tasks.vision
    detector = vision.FaceDetector.create_from_options(
        vision.FaceDetectorOptions(base_options=mp.tasks.BaseOptions(model_asset_buffer=model.read_bytes()))
    )
    serve(tasks)
else:
    ranges = {"short": 0, "full": 1}
    detector = mp.solutions.face_detection.FaceDetection(model_selection=ranges[sys.argv[1]])
    serve(solutions)
