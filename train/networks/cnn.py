"""The plain CNN of Nezami et al. 2018 (S1): two convolutions and two wide dense layers.

Its local response normalization is a batch normalization here: Keras has no layer for it, and int8
runtimes none either.
"""

from __future__ import annotations

import keras
from keras import layers

from train.networks.blocks import head

__all__ = ["build"]


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(64, 5, padding="same", activation="relu", name="conv1")(inputs)
    x = layers.BatchNormalization(momentum=0.9, name="conv1_norm")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool1")(x)
    x = layers.Dropout(0.2, name="drop1")(x)
    x = layers.Conv2D(128, 3, padding="same", activation="relu", name="conv2")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool2")(x)
    x = layers.Dropout(0.2, name="drop2")(x)
    x = layers.Flatten(name="flatten")(x)
    for number in (1, 2):
        x = layers.Dense(1024, activation="relu", name=f"dense{number}")(x)
        x = layers.Dropout(0.3, name=f"dense{number}_drop")(x)
    return keras.Model(inputs, head(x, classes), name="cnn")
