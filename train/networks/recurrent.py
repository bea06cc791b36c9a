"""An LSTM over the features of a sequence's frames; what the sequence networks of S4 share."""

from __future__ import annotations

import keras
from keras import layers

from train.networks.blocks import head

__all__ = ["over_time"]


def over_time(
    backbone: keras.Model, input_shape: tuple[int, ...], classes: int, *, name: str, frozen: bool = False
) -> keras.Model:
    """`input_shape` has a leading time axis. A frozen backbone stays as it was loaded, its batch norms too."""
    backbone.trainable = not frozen
    inputs = keras.Input(input_shape)
    x = layers.TimeDistributed(backbone, name="frames")(inputs)
    x = layers.LSTM(128, name="lstm")(x)
    return keras.Model(inputs, head(x, classes, dropout=0.3), name=name)
