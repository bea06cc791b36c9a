"""Every network by its name. All give logits; all take pixels as `edge.vision.crop.normalize` makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from edge.errors import Problem
from edge.flow import Normalization
from train.networks import (
    cnn,
    edge_net,
    emotion_cnn,
    mobilenet_v3,
    mobilenet_v3_lstm,
    resnet18,
    resnet18_lstm,
    vgg_b,
)

__all__ = ["NETWORKS", "Network", "build", "network"]


@dataclass(frozen=True, slots=True)
class Network:
    """How a network is built, and what it was published with."""

    build: Callable[[tuple[int, ...], int], keras.Model]
    size: int = 48
    normalization: Normalization = "standard"
    frames: int = 1
    """More than one: it sees sequences."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        picture = (self.size, self.size, 1)
        return picture if self.frames == 1 else (self.frames, *picture)


NETWORKS = {
    "edge-net": Network(edge_net.build),
    "cnn": Network(cnn.build, normalization="norm"),
    "vgg-b": Network(vgg_b.build, normalization="norm"),
    "emotion-cnn": Network(emotion_cnn.build, normalization="unit"),
    "resnet18": Network(resnet18.build),
    "mobilenet-v3": Network(mobilenet_v3.build, size=112, normalization="signed"),
    "mobilenet-v3-lstm": Network(mobilenet_v3_lstm.build, size=112, normalization="signed", frames=8),
    "resnet18-lstm": Network(resnet18_lstm.build, size=112, frames=8),
    "resnet18-lstm-frozen": Network(resnet18_lstm.build_frozen, size=112, frames=8),
}


def network(name: str) -> Network:
    if name not in NETWORKS:
        raise Problem(f"{name!r} is no network; known are {', '.join(NETWORKS)}.")
    return NETWORKS[name]


def build(name: str, *, input_shape: tuple[int, ...] | None = None, classes: int) -> keras.Model:
    """A fresh network: (height, width, 1) in, with time in front for sequences; `classes` logits out."""
    chosen = network(name)
    return chosen.build(input_shape or chosen.input_shape, classes)
