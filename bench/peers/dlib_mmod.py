# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "dlib-bin==20.0.1.post1", "face-recognition-models==0.3.0", "setuptools<81",
#     "opencv-python-headless==4.14.0.94", "numpy==2.4.6",
# ]
# ///
"""dlib's MMOD network, with pictures doubled as many times as asked: `face_recognition` doubles once."""

from __future__ import annotations

import sys
from typing import Any

import cv2
import dlib
import face_recognition_models
from frames import serve

doublings = int(sys.argv[1])
detector = dlib.cnn_face_detection_model_v1(face_recognition_models.cnn_face_detector_model_location())


def find(image: Any) -> list[tuple[float, ...]]:
    found = detector(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), doublings)
    return [(f.rect.left(), f.rect.top(), f.rect.width(), f.rect.height(), f.confidence) for f in found]


serve(find)
