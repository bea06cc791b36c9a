"""A small network, really trained on small pictures, in a run folder as `train` leaves it."""

import subprocess
from pathlib import Path

import msgspec
import numpy as np
import pytest
from parts import missing
from stripes import LABELS, SIDE, facts, pictures

from convert.network.tensorflow import tensorflow
from edge.vision.crop import normalize

HERE = Path(__file__).parent


def trained():
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(0)
    inputs = keras.Input((SIDE, SIDE, 1))
    x = inputs
    for width in (8, 16):
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Dense(3)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Softmax()(x))
    x, y = pictures(1200, seed=1)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(normalize(x, "standard"), y, epochs=4, batch_size=64, verbose=0)
    return model


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    tensorflow()
    folder = tmp_path_factory.mktemp("run") / "stripes"
    folder.mkdir()
    trained().save(folder / "model.keras")
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts()))
    return folder


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """As `train arrays` writes it: 400 training and 400 selection pictures of 8 subjects."""
    file = tmp_path_factory.mktemp("data") / "stripes.npz"
    x, y = pictures(800, seed=2)
    np.savez_compressed(
        file,
        x=x,
        y=y,
        groups=np.array([f"subject{i % 8}" for i in range(800)]),
        split=np.repeat(["train", "validation"], 400),
        labels=np.array(LABELS),
    )
    return file


@pytest.fixture(scope="session")
def bundle(run_folder, data, tmp_path_factory):
    """The int8 bundle of the small network, made by the command line."""
    from convert.cli import main

    made = tmp_path_factory.mktemp("made") / "bundle"
    assert main(["quantize", str(run_folder), "--int8", "--calibration", str(data), "-o", str(made)]) == 0
    return made


@pytest.fixture(scope="session")
def legacy_python(request):
    """A Python with tflite-runtime 2.14 and the numpy it needs, and without TensorFlow."""
    folder = request.config.cache.mkdir("tflite-runtime")
    made = subprocess.run([HERE / "legacy_env.sh", folder], capture_output=True, text=True, check=False, timeout=280)
    if made.returncode:
        missing(f"tflite-runtime could not be installed beside us: {made.stderr.strip().splitlines()[-1]}")
    return Path(made.stdout.strip())
