"""Grad-CAM: which part of the last feature map raised the score of a label.

A network is split at its last map of pictures; the gradient of the label's score runs back to that
map, for sequences through the LSTM to the map of every frame. TensorFlow, PyTorch and JAX compute
the same gradient, each in its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem

__all__ = ["Cam"]

_Step = Callable[[Any], Any]


class Cam:
    """Attention of one network; made once, asked for many batches."""

    def __init__(self, network: keras.Model) -> None:
        if isinstance(network.layers[-1], keras.layers.Softmax):
            # A sure softmax is flat: the score is what goes into it.
            network = keras.Model(network.inputs, network.layers[-1].input)
        self._maps, self._head = _split(network)
        self._labels = int(network.output.shape[-1])

    def __call__(self, x: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
        """Normalized pictures (sequences with time in front) to N (x time) x height x width, at least 0."""
        maps = np.asarray(keras.ops.convert_to_numpy(self._maps(keras.ops.convert_to_tensor(x))), np.float32)
        chosen = keras.ops.convert_to_tensor(np.eye(self._labels, dtype=np.float32)[labels])
        slopes = _gradient(lambda z: keras.ops.sum(self._head(z) * chosen), maps)
        # A channel counts by its mean slope; only what raises the score is attention.
        weights = slopes.mean(axis=(1, 2), keepdims=True)
        attention = np.maximum((weights * maps).sum(axis=-1), 0)
        return attention.reshape(*x.shape[:-3], *attention.shape[1:])


def _split(network: keras.Model) -> tuple[_Step, _Step]:
    """From pictures to the last map that still has height and width, and from there to the end."""
    for layer in reversed(network.layers):
        if isinstance(layer, keras.layers.TimeDistributed):
            return _split_over_time(network, layer)
        if isinstance(layer, keras.Model):
            return _split_nested(network, layer)
        shape = layer.output.shape
        if len(shape) == 4 and shape[1] > 1 and shape[2] > 1 and layer.output is not network.inputs[0]:
            return _between(network.inputs[0], layer.output), _between(layer.output, network.output)
    raise Problem(f"{network.name} has no feature map with height and width; Grad-CAM needs one.")


def _split_nested(network: keras.Model, inner: keras.Model) -> tuple[_Step, _Step]:
    node = inner._inbound_nodes[0]  # noqa: SLF001  # Keras has no public way to ask where a network was called
    before = _between(network.inputs[0], node.input_tensors[0])
    after = _between(node.output_tensors[0], network.output)
    maps, head = _split(inner)
    return (lambda x: maps(before(x))), (lambda z: after(head(z)))


def _split_over_time(network: keras.Model, frames: keras.layers.TimeDistributed) -> tuple[_Step, _Step]:
    maps, head = _split(frames.layer)
    steps = network.inputs[0].shape[1]
    after = _between(frames.output, network.output)

    def each_frame(x: Any) -> Any:
        return maps(keras.ops.reshape(x, (-1, *x.shape[2:])))

    def all_frames(z: Any) -> Any:
        features = head(z)
        return after(keras.ops.reshape(features, (-1, steps, features.shape[-1])))

    return each_frame, all_frames


def _between(start: Any, end: Any) -> _Step:
    if start is end:
        return lambda x: x
    part = keras.Model(start, end)
    return lambda x: part(x, training=False)


def _gradient(score: _Step, at: NDArray[np.float32]) -> NDArray[np.float32]:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        point = tf.constant(at)
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = score(point)
        return np.asarray(tape.gradient(value, point))
    if backend == "torch":
        import torch

        point = keras.ops.convert_to_tensor(at).requires_grad_()
        # cuDNN's LSTM only runs backwards in training; the plain one always does.
        with torch.backends.cudnn.flags(enabled=False):
            score(point).backward()
        return point.grad.detach().cpu().numpy()
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(score)(at))
    raise Problem(f"Grad-CAM runs on TensorFlow, PyTorch and JAX, not on the Keras back-end {backend!r}.")
