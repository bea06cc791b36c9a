"""Finds the faces of a frame and remembers which seat is which: `Vision.see`."""

from edge.vision.detector import Detector
from edge.vision.families import make_detector
from edge.vision.sight import Sight, Vision

__all__ = ["Detector", "Sight", "Vision", "make_detector"]
