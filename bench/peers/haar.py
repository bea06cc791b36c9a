# /// script
# requires-python = "==3.11.*"
# dependencies = ["opencv-python-headless==4.14.0.94", "numpy==2.4.6"]
# ///
"""OpenCV's frontal Haar cascade as tutorials call it, but for faces from 16 pixels."""

from __future__ import annotations

from typing import Any

import cv2
from frames import serve

cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")


def find(image: Any) -> list[tuple[float, ...]]:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return [(*box, 1.0) for box in cascade.detectMultiScale(grey, 1.1, 5, minSize=(16, 16))]


serve(find)
