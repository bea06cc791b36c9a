"""MobileNetV3-Large and an LSTM on eight-frame sequences (S4)."""

from __future__ import annotations

import keras

from train.networks.mobilenet_v3 import backbone
from train.networks.recurrent import over_time

__all__ = ["build"]


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    return over_time(backbone(input_shape[1:]), input_shape, classes, name="mobilenet-v3-lstm")
