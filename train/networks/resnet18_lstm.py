"""ResNet-18 and an LSTM on eight-frame sequences (S4), and the variant with a frozen ResNet."""

from __future__ import annotations

import keras

from train.networks.recurrent import over_time
from train.networks.resnet18 import backbone

__all__ = ["build", "build_frozen"]


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    return over_time(backbone(input_shape[1:]), input_shape, classes, name="resnet18-lstm")


def build_frozen(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    return over_time(backbone(input_shape[1:]), input_shape, classes, name="resnet18-lstm-frozen", frozen=True)
