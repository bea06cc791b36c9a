# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "fer==25.10.3", "tensorflow-cpu==2.21.0", "setuptools<81", "numpy==2.4.6", "opencv-contrib-python==4.14.0.94",
# ]
# [tool.uv]
# # Its default detector is Haar; facenet-pytorch is imported only for mtcnn=True.
# override-dependencies = ["facenet-pytorch ; python_version < '3'", "tensorflow ; python_version < '3'"]
# ///
"""`fer`: Haar cascade and its emotion network, at its defaults or for faces from as many pixels as asked."""

from __future__ import annotations

import sys
from typing import Any

from fer.fer import FER
from frames import serve

whole = FER(min_face_size=int(sys.argv[1]))


def find(image: Any) -> list[tuple[float, ...]]:
    return [(*face["box"], 1.0) for face in whole.detect_emotions(image)]


serve(find)
