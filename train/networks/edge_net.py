"""Our network for the device: plain 3x3 residual convolutions, made for int8 and EdgeTPU.

Plain convolutions use XNNPACK and EdgeTPU far better per operation than depthwise ones. There is
no swish and no squeeze-excite; batch norms fold away; 0.92 M parameters, 76 M multiply-adds.
"""

from __future__ import annotations

import keras

from train.networks.blocks import conv_norm, head, residual

__all__ = ["build"]

_STAGES = ((32, 2, 1), (80, 2, 2), (144, 2, 2))


def build(input_shape: tuple[int, ...], classes: int) -> keras.Model:
    inputs = keras.Input(input_shape)
    x = conv_norm(inputs, 16, name="stem_a")
    x = conv_norm(x, 32, name="stem_b", stride=2)
    for stage, (width, blocks, stride) in enumerate(_STAGES, start=1):
        for block in range(blocks):
            x = residual(x, width, name=f"stage{stage}_{block + 1}", stride=stride if block == 0 else 1)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(inputs, head(x, classes, dropout=0.2), name="edge-net")
