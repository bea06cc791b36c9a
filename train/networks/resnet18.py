"""ResNet-18 on single frames: pre-trains the backbone of `resnet18-lstm`, and is a good larger teacher."""

from __future__ import annotations

import keras
from keras import layers

from train.networks.blocks import conv_norm, head, residual

__all__ = ["backbone", "build"]

_SMALL = 64  # Faces this small skip the early strides, as is usual for ResNets on small pictures.


def backbone(input_shape: tuple[int, ...]) -> keras.Model:
    inputs = keras.Input(input_shape)
    if input_shape[0] > _SMALL:
        x = conv_norm(inputs, 64, name="stem", kernel=7, stride=2)
        x = layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    else:
        x = conv_norm(inputs, 64, name="small_stem")
    for stage, width in enumerate((64, 128, 256, 512), start=1):
        for block in (1, 2):
            x = residual(x, width, name=f"stage{stage}_{block}", stride=2 if stage > 1 and block == 1 else 1)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(inputs, x, name="resnet18_backbone")


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, head(backbone(input_shape)(inputs), classes, dropout=0.3), name="resnet18")
