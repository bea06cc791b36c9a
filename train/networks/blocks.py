"""The few blocks that several networks share. Only layers an int8 compiler folds or maps."""

from __future__ import annotations

from typing import Any

from keras import layers

__all__ = ["conv_norm", "head", "residual"]


def conv_norm(x: Any, width: int, *, name: str, kernel: int = 3, stride: int = 1, relu: bool = True) -> Any:
    x = layers.Conv2D(
        width, kernel, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def residual(x: Any, width: int, *, name: str, stride: int = 1) -> Any:
    """Two 3x3 convolutions beside a short cut; the short cut is a 1x1 convolution where the shape changes."""
    y = conv_norm(x, width, name=f"{name}_a", stride=stride)
    y = conv_norm(y, width, name=f"{name}_b", relu=False)
    if stride != 1 or x.shape[-1] != width:
        x = conv_norm(x, width, name=f"{name}_short", kernel=1, stride=stride, relu=False)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([y, x]))


def head(features: Any, classes: int, *, dropout: float = 0.0) -> Any:
    """The last layer, always called `logits` and always float32: a transfer replaces it by its name."""
    if dropout:
        features = layers.Dropout(dropout, name="dropout")(features)
    return layers.Dense(classes, dtype="float32", name="logits")(features)
