"""The deep Keras CNN for seven emotions that engagement-by-emotion systems use (S3)."""

from __future__ import annotations

import keras
from keras import layers

from train.networks.blocks import conv_norm, head

__all__ = ["build"]


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = inputs
    for block, (width, kernel) in enumerate(((64, 3), (128, 5), (512, 3), (512, 3)), start=1):
        x = conv_norm(x, width, name=f"conv{block}", kernel=kernel)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
        x = layers.Dropout(0.25, name=f"drop{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(1024, use_bias=False, kernel_initializer="he_normal", name="dense")(x)
    x = layers.BatchNormalization(momentum=0.9, name="dense_norm")(x)
    x = layers.ReLU(name="dense_relu")(x)
    return keras.Model(inputs, head(x, classes, dropout=0.25), name="emotion-cnn")
