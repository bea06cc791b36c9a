"""VGG-B on 48x48 faces, the network of Nezami et al. 2019 (S1) for expressions and engagement.

As in `cnn`, batch normalization stands for the one local response normalization. 45 M parameters.
"""

from __future__ import annotations

import keras
from keras import layers

from train.networks.blocks import head

__all__ = ["build"]


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = inputs
    for block, width in enumerate((64, 128, 256, 512), start=1):
        for number in (1, 2):
            x = layers.Conv2D(
                width,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"conv{block}_{number}",
            )(x)
        if block == 1:
            x = layers.BatchNormalization(momentum=0.9, name="conv1_norm")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
        x = layers.Dropout(0.2, name=f"drop{block}")(x)
    x = layers.Flatten(name="flatten")(x)
    for number, width in enumerate((4096, 4096, 1024), start=1):
        x = layers.Dense(width, activation="relu", kernel_initializer="he_normal", name=f"dense{number}")(x)
        x = layers.Dropout(0.3, name=f"dense{number}_drop")(x)
    return keras.Model(inputs, head(x, classes), name="vgg-b")
