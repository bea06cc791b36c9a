"""MobileNetV3-Large on single frames (S4)."""

from __future__ import annotations

import keras
from keras import layers

from train.networks.blocks import head

__all__ = ["backbone", "build"]


def backbone(input_shape: tuple[int, ...]) -> keras.Model:
    """Signed pixels in, 960 features out. A grey picture fills all three colours."""
    inputs = keras.Input(input_shape)
    x = layers.Concatenate(name="colours")([inputs] * 3) if input_shape[-1] == 1 else inputs
    body = keras.applications.MobileNetV3Large(
        input_shape=tuple(x.shape[1:]),
        include_top=False,
        weights=None,
        include_preprocessing=False,
        pooling="avg",
        name="mobilenet_v3_body",
    )
    return keras.Model(inputs, body(x), name="mobilenet_v3_backbone")


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = backbone(input_shape)(inputs)
    return keras.Model(inputs, head(x, classes, dropout=0.3), name="mobilenet-v3")
