"""CenterFace, rebuilt from its ONNX file as a TFLite graph that sees one fixed tile.

The network is MobileNetV2 with three upsampling steps; the file's batch norms are already folded
into the convolutions, but for the three after the upsampling. A walk over seven kinds of node
rebuilds it in Keras, channels last, so that TensorFlow's own converter and quantizer do the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convert.network.tensorflow import quiet, tensorflow
from edge.errors import Problem

__all__ = ["quantized", "rebuild"]

_INPUT = "input.1"
_OUTPUTS = ("537", "538", "539", "540")
"""Heat, log height and width, offset down and across, and five landmarks (down, across)."""


def rebuild(onnx_model: bytes, height: int, width: int) -> Any:
    """The Keras model: 1 x height x width x 3 (red-green-blue, 0 to 1) to maps of 1, 2 and 12 channels."""
    tensorflow()
    import keras
    import onnx
    from onnx import numpy_helper

    if height % 32 or width % 32:
        raise Problem(f"CenterFace sees tiles of multiples of 32 pixels, not {width}x{height}.")
    graph = onnx.load_model_from_string(onnx_model).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    picture = keras.Input(batch_shape=(1, height, width, 3))
    # The original takes 0..255; in 0..1 a quantized graph takes a picture's bytes as they are.
    first = graph.node[0].input[1]
    weights[first] = weights[first] * np.float32(255)
    values: dict[str, Any] = {_INPUT: picture}
    for node in graph.node:
        values[node.output[0]] = _layer(node, values, weights)
    heat, sizes, offsets, landmarks = (values[name] for name in _OUTPUTS)
    # Three outputs told apart by their channels: converters do not keep order or names.
    places = keras.layers.Concatenate(axis=-1)([offsets, landmarks])
    return keras.Model(picture, [heat, sizes, places], name="centerface")


def _layer(node: Any, values: dict[str, Any], weights: dict[str, NDArray[np.float32]]) -> Any:
    import keras

    x = values[node.input[0]]
    parameters = [weights[name] for name in node.input[1:] if name in weights]
    match node.op_type:
        case "Conv":
            return _convolution(node, x, *parameters)
        case "ConvTranspose":
            kernel = parameters[0].transpose(2, 3, 1, 0)
            layer = keras.layers.Conv2DTranspose(kernel.shape[2], 2, strides=2, use_bias=False)
            y = layer(x)
            layer.set_weights([kernel])
            return y
        case "BatchNormalization":
            layer = keras.layers.BatchNormalization(epsilon=_attribute(node, "epsilon", 1e-5))
            y = layer(x)
            layer.set_weights(parameters)
            return y
        case "Relu":
            return keras.layers.ReLU()(x)
        case "Sigmoid":
            return keras.layers.Activation("sigmoid")(x)
        case "Add":
            return keras.layers.Add()([x, values[node.input[1]]])
        case other:
            raise Problem(f"This ONNX file is not the CenterFace we know: it has a node {other}.")


def _convolution(node: Any, x: Any, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> Any:
    import keras

    filters, _, size, _ = kernel.shape
    stride = _attribute(node, "strides", [1, 1])[0]
    padding = "same"
    if stride == 2:
        # Both frameworks call it "same", but they pad opposite sides of an even picture.
        x, padding = keras.layers.ZeroPadding2D(1)(x), "valid"
    if _attribute(node, "group", 1) == 1:
        layer = keras.layers.Conv2D(filters, size, strides=stride, padding=padding)
        turned = kernel.transpose(2, 3, 1, 0)
    else:
        layer = keras.layers.DepthwiseConv2D(size, strides=stride, padding=padding)
        turned = kernel.transpose(2, 3, 0, 1)
    y = layer(x)
    layer.set_weights([turned, bias])
    return y


def _attribute(node: Any, name: str, default: Any) -> Any:
    import onnx

    return next((onnx.helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def quantized(model: Any, pictures: Iterator[NDArray[np.float32]]) -> bytes:
    """The TFLite graph in whole numbers; `pictures` (1 x height x width x 3) show it the ranges.

    It takes bytes and gives int8: what CPUs run fastest, and the only thing a Coral takes.
    """
    tf = tensorflow()
    with quiet():
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([picture] for picture in pictures)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.int8
        return converter.convert()
