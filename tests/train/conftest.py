"""A small network, really trained on drawn faces, in a run folder as `train` leaves it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from layouts import wacv2016

from edge.model.card import Facts, Input, Output, Training
from edge.vision.crop import normalize
from train.datasets import read
from train.datasets.arrays import to_arrays

LEVELS = ("low", "mid", "high")


@pytest.fixture(scope="session")
def wacv(tmp_path_factory) -> Path:
    return wacv2016(tmp_path_factory.mktemp("wacv"), subjects=8, each=5)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory, wacv) -> Path:
    import keras

    folder = tmp_path_factory.mktemp("runs") / "small"
    folder.mkdir()
    keras.utils.set_random_seed(0)
    layers = keras.layers
    inputs = keras.Input((48, 48, 1))
    x = inputs
    for width in (8, 16, 16):
        x = layers.Conv2D(width, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(3, name="logits")(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Softmax()(x))
    dataset = read(wacv)
    arrays = to_arrays(dataset)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(normalize(arrays.x, "standard"), arrays.y, epochs=12, batch_size=16, verbose=0)
    model.save(folder / "model.keras")
    facts = Facts(
        kind="engagement",
        name="small",
        input=Input(width=48, height=48, channels=1, normalization="standard", margin=0.18),
        output=Output(labels=LEVELS, activation="softmax"),
        training=Training(
            network="small",
            parameters=model.count_params(),
            data=dataset.name,
            split="all",
            subject_marks=dataset.marks(),
        ),
        licence="Apache-2.0",
        origin="tests",
        intended_use="tests",
    )
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts))
    history = [{"epoch": n, "loss": 1 / n, "accuracy": 0.5, "seconds": 60.0} for n in (1, 2)]
    (folder / "history.json").write_bytes(msgspec.json.encode(history))
    return folder


@pytest.fixture
def draw() -> np.random.Generator:
    return np.random.default_rng(0)
