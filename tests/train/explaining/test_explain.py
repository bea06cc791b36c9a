"""Grad-CAM points to where the network really looks, for pictures and for every frame of a sequence."""

from __future__ import annotations

import json
import shutil

import cv2
import keras
import numpy as np
import pytest
from layouts import face, picture, write_csv
from matplotlib import cbook

from edge.errors import Problem
from train.cli import main
from train.datasets.dataset import Dataset, Sample
from train.explaining.explain import Explained, chosen_samples, explain, inside
from train.explaining.gradcam import Cam
from train.explaining.sheet import sheet
from train.judging.scorer import read_facts
from train.networks import build

SIDE = 16


def spots(draw, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label 1 has a bright cross somewhere, label 0 has none. Also where its centre is."""
    x = draw.normal(0, 0.1, (count, SIDE, SIDE, 1)).astype(np.float32)
    y = draw.integers(0, 2, count)
    at = draw.integers(3, SIDE - 3, (count, 2))
    for image, label, (row, column) in zip(x, y, at, strict=True):
        if label:
            image[row - 2 : row + 3, column] += 2
            image[row, column - 2 : column + 3] += 2
    return x, y, at


def backbone() -> keras.Model:
    inputs = keras.Input((SIDE, SIDE, 1))
    x = keras.layers.Conv2D(8, 5, padding="same", activation="relu")(inputs)
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))


@pytest.fixture(scope="module")
def spotter() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((SIDE, SIDE, 1))
    outputs = keras.layers.Softmax()(keras.layers.Dense(2)(backbone()(inputs)))
    model = keras.Model(inputs, outputs)
    x, y, _ = spots(np.random.default_rng(1), 512)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=6, batch_size=64, verbose=0)
    return model


def test_attention_lies_where_the_label_is(spotter, draw):
    x, y, at = spots(draw, 64)
    x, at = x[y == 1], at[y == 1]
    heat = Cam(spotter)(x, np.ones(len(x), np.int64))
    assert heat.shape == (len(x), SIDE, SIDE)
    assert heat.min() >= 0
    peaks = np.array([np.unravel_index(one.argmax(), one.shape) for one in heat])
    assert np.mean(np.abs(peaks - at).max(axis=1) <= 3) > 0.9


def test_in_a_sequence_attention_lies_in_the_frame_and_at_the_place_that_shows_it(draw):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, SIDE, SIDE, 1))
    x = keras.layers.TimeDistributed(backbone())(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.LSTM(8)(x)))
    frames, y, at = spots(draw, 4 * 256)
    blank = frames[y == 0]
    data = blank[draw.integers(0, len(blank), (300, 4))]
    labels, shown = draw.integers(0, 2, 300), draw.integers(0, 4, 300)
    crosses, places = frames[y == 1], at[y == 1]
    for row in np.flatnonzero(labels):
        data[row, shown[row]] = crosses[row % len(crosses)]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    model.fit(data, labels, epochs=12, batch_size=32, verbose=0)
    positive = np.flatnonzero(labels)
    assert (np.asarray(model.predict(data[positive], verbose=0)).argmax(axis=1) == 1).mean() > 0.9
    heat = Cam(model)(data[positive], np.ones(len(positive), np.int64))
    assert heat.shape == (len(positive), 4, SIDE, SIDE)
    by_frame, shown = heat.sum(axis=(2, 3)), shown[positive]
    for frame in range(4):
        there, elsewhere = by_frame[shown == frame, frame], by_frame[shown != frame, frame]
        assert there.mean() > 2 * elsewhere.mean()
    in_frame = heat[np.arange(len(positive)), shown]
    peaks = np.array([np.unravel_index(one.argmax(), one.shape) for one in in_frame])
    assert np.mean(np.abs(peaks - places[positive % len(crosses)]).max(axis=1) <= 3) > 0.8


@pytest.mark.parametrize("name", ["edge-net", "resnet18-lstm"])
def test_our_networks_can_be_explained(name, draw):
    shape = (2, 48, 48, 1) if name.endswith("lstm") else (48, 48, 1)
    heat = Cam(build(name, input_shape=shape, classes=3))(
        draw.normal(size=(2, *shape)).astype(np.float32), np.array([0, 2])
    )
    assert heat.shape[:-2] == ((2, 2) if name.endswith("lstm") else (2,))
    assert np.isfinite(heat).all()


def test_a_network_without_a_map_is_refused():
    inputs = keras.Input((SIDE, SIDE, 1))
    flat = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))
    with pytest.raises(Problem, match="no feature map"):
        Cam(flat)


def test_the_share_inside_the_face_is_that_of_the_heat():
    ellipse = np.zeros((4, 4), bool)
    ellipse[1:3, 1:3] = True
    heat = np.zeros((1, 4, 4), np.float32)
    heat[0, 1, 1], heat[0, 0, 0] = 0.75, 0.25
    one = Sample(0, "drawn", lambda: np.zeros((4, 4), np.uint8))
    looked = Explained(one, np.zeros((1, 4, 4), np.uint8), heat, ellipse, 0)
    nothing = Explained(one, np.zeros((1, 4, 4), np.uint8), np.zeros_like(heat), ellipse, 0)
    found = inside([looked, looked, nothing])
    assert (found.share, found.area, found.pictures) == (0.75, 0.25, 2)
    assert inside([nothing]) is None


def test_samples_are_spread_over_labels_and_subjects():
    samples = tuple(Sample(n % 2, "", lambda: None, group=f"s{n // 2 % 5}") for n in range(100))
    chosen = chosen_samples(Dataset("drawn", ("a", "b"), samples), 10)
    assert [sum(s.label == label for s in chosen.samples) for label in (0, 1)] == [5, 5]
    assert {s.group for s in chosen.samples} == {f"s{n}" for n in range(5)}


def test_a_raw_picture_is_explained_cropped_and_whole(run_folder, tmp_path, capsys):
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        portrait = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    picture(tmp_path / "raw.jpg", portrait)
    picture(tmp_path / "crop.png", face(1, 1))
    rows = [("raw.jpg", "high", "s1", "test"), ("crop.png", "low", "s2", "test")]
    manifest = write_csv(tmp_path / "mine.csv", ("path", "label", "subject", "split"), rows)
    run = tmp_path / "run"
    shutil.copytree(run_folder, run)
    assert main(["explain", str(run), "--data", str(manifest), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["crops"]["pictures"] == 2
    assert found["uncropped"]["pictures"] == 1
    # The face is a small part of the whole picture, and most of the crop.
    assert found["uncropped"]["area"] < 0.15
    assert found["crops"]["area"] > 0.45
    assert json.loads((run / "explain" / "explain.json").read_bytes()) == found
    assert cv2.imread(str(run / "explain" / "crops.png")).shape[1] > 400


def test_sheets_show_sequences_frame_by_frame(tmp_path):
    frames = np.stack([face(1, 1, n) for n in range(8)])
    heat = np.random.default_rng(0).random(frames.shape).astype(np.float32)
    one = Explained(Sample(1, "drawn", lambda: frames), frames, heat, np.ones((48, 48), bool), 0)
    sheet([one, one], ("a", "b"), ("a", "b"), tmp_path / "sheet.png")
    height, width = cv2.imread(str(tmp_path / "sheet.png")).shape[:2]
    assert width > 8 * 112
    assert height > 4 * 112


def test_a_single_picture_network_refuses_sequences(run_folder):
    network = keras.saving.load_model(run_folder / "model.keras")
    frames = np.stack([face(1, 1, n) for n in range(8)])
    sequences = Dataset("drawn", ("low", "mid", "high"), (Sample(1, "drawn", lambda: frames),))
    with pytest.raises(Problem, match="--frames 1"):
        explain(network, read_facts(run_folder / "facts.json"), sequences, lambda _image: None)
