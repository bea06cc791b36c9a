"""Ours: `detector` sweeps each picture fully, `pipeline` is the sensor's loop: scheduled search, crop, classify."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
from frames import serve

sys.path.insert(0, str(Path(__file__).parents[2]))

from edge.config import Config
from edge.flow import Faces, Frame
from edge.model import bundle
from edge.model.scores import Classifier
from edge.stages import Stages
from edge.verdicts import Verdicts
from edge.wiring import build_vision

vision = build_vision(Config())
verdicts = Verdicts(Classifier(bundle.load(bundle.shipped("engagement"), kind="engagement")), Stages())
numbers = itertools.count()
FPS = 15


def detector(image: Any) -> list[list[float]]:
    return _rows(vision.everywhere(image))


def pipeline(image: Any) -> list[list[float]]:
    number = next(numbers)
    frame = Frame(image, number / FPS, number)
    faces = vision.see(frame).faces
    verdicts.on(frame, faces)
    return _rows(faces)


def _rows(faces: Faces) -> list[list[float]]:
    return np.column_stack([faces.boxes, faces.scores]).tolist()


serve({"detector": detector, "pipeline": pipeline}[sys.argv[1]])
