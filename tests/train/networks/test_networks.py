"""Every network by its name: what goes in, what comes out, and what ours promises the device."""

import keras
import numpy as np
import pytest

from edge.errors import Problem
from train import networks

SMALL = {"mobilenet-v3": 32, "mobilenet-v3-lstm": 32, "resnet18-lstm": 32, "resnet18-lstm-frozen": 32, "vgg-b": 16}


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_every_network_gives_one_logit_a_class(name):
    side, frames = SMALL.get(name, 48), networks.network(name).frames
    shape = (side, side, 1) if frames == 1 else (2, side, side, 1)
    model = networks.build(name, input_shape=shape, classes=3)
    out = model(np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32), training=False)
    assert tuple(out.shape) == (2, 3)
    assert model.get_layer("logits").activation is keras.activations.linear


def test_an_unknown_network_is_refused_with_the_known_names():
    with pytest.raises(Problem, match="edge-net"):
        networks.build("no-such-net", classes=3)


def test_the_edge_network_stays_under_a_million_parameters():
    assert networks.build("edge-net", classes=7).count_params() <= 1_000_000


def test_the_edge_network_holds_only_layers_that_an_edge_compiler_maps():
    allowed = (
        keras.layers.InputLayer,
        keras.layers.Conv2D,
        keras.layers.BatchNormalization,
        keras.layers.ReLU,
        keras.layers.Add,
        keras.layers.GlobalAveragePooling2D,
        keras.layers.Dropout,
        keras.layers.Dense,
    )
    assert all(isinstance(layer, allowed) for layer in networks.build("edge-net", classes=7).layers)


def test_a_frozen_backbone_has_nothing_to_train():
    model = networks.build("resnet18-lstm-frozen", input_shape=(2, 32, 32, 1), classes=3)
    trained = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert trained == {"lstm", "logits"}
