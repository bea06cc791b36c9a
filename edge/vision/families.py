"""The detectors we can run, by the family a card names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from edge.vision.blazeface import BlazeFace
from edge.vision.centerface import CenterFace
from edge.vision.detector import Detector, Network

__all__ = ["make_detector"]


def make_detector(
    family: Literal["blazeface", "centerface"],
    network: Network,
    *,
    strides: Sequence[int],
    anchors_per_cell: Sequence[int],
    min_score: float,
) -> Detector:
    """The detector that a card's `anchors` describe."""
    if family == "blazeface":
        return BlazeFace(network, strides=strides, anchors_per_cell=anchors_per_cell, min_score=min_score)
    return CenterFace(network, strides=strides, min_score=min_score)
