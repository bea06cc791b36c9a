# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "deepface==0.0.103", "werkzeug==3.1.3", "tensorflow-cpu==2.21.0", "tf-keras==2.21.0", "numpy==2.4.6",
#     "opencv-contrib-python-headless==4.14.0.94",
# ]
# [tool.uv]
# override-dependencies = ["tensorflow ; python_version < '3'"]
# ///
"""`deepface`'s emotion analysis with its default detector, and random weights.

Its weights are fetched from a code host at first use and are in no package, so the network is built
by its own code and left as initialised: its time does not depend on them.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

os.environ["DEEPFACE_BACKEND_ENGINE"] = "tensorflow"
os.environ["DEEPFACE_HOME"] = tempfile.gettempdir()

from deepface import DeepFace
from deepface.commons import weight_utils
from frames import serve

weight_utils.download_weights_if_necessary = lambda *_, **__: ""
weight_utils.load_model_weights = lambda model, **_: model


def find(image: Any) -> list[tuple[float, ...]]:
    found = DeepFace.analyze(image, actions=["emotion"], enforce_detection=False, silent=True)
    boxes = [(face["region"], face["face_confidence"]) for face in found]
    # Where it finds nobody, it analyses the whole picture, with confidence 0.
    return [(box["x"], box["y"], box["w"], box["h"], score) for box, score in boxes if score]


serve(find)
