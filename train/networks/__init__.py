"""Every network by its name. All give logits; all take pixels as `edge.vision.crop.normalize` makes them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.errors import Problem
from edge.flow import Normalization

if TYPE_CHECKING:
    import keras

__all__ = ["NETWORKS", "Network", "build", "network"]


@dataclass(frozen=True, slots=True)
class Network:
    """Where a network is built, and what it was published with. Keras is loaded when one is built, not before."""

    module: str
    function: str = "build"
    size: int = 48
    normalization: Normalization = "standard"
    frames: int = 1
    """More than one: it sees sequences."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        picture = (self.size, self.size, 1)
        return picture if self.frames == 1 else (self.frames, *picture)


NETWORKS = {
    "edge-net": Network("edge_net"),
    "cnn": Network("cnn", normalization="norm"),
    "vgg-b": Network("vgg_b", normalization="norm"),
    "emotion-cnn": Network("emotion_cnn", normalization="unit"),
    "resnet18": Network("resnet18"),
    "mobilenet-v3": Network("mobilenet_v3", size=112, normalization="signed"),
    "mobilenet-v3-lstm": Network("mobilenet_v3_lstm", size=112, normalization="signed", frames=8),
    "resnet18-lstm": Network("resnet18_lstm", size=112, frames=8),
    "resnet18-lstm-frozen": Network("resnet18_lstm", "build_frozen", size=112, frames=8),
}


def network(name: str) -> Network:
    if name not in NETWORKS:
        raise Problem(f"{name!r} is no network; known are {', '.join(NETWORKS)}.")
    return NETWORKS[name]


def build(name: str, *, input_shape: tuple[int, ...] | None = None, classes: int) -> keras.Model:
    """A fresh network: (height, width, 1) in, with time in front for sequences; `classes` logits out."""
    chosen = network(name)
    made = getattr(importlib.import_module(f"train.networks.{chosen.module}"), chosen.function)
    return made(input_shape or chosen.input_shape, classes)
