"""From a trained network to a TFLite file: right numbers, right format, the same bytes, clear refusals."""

import shutil
import subprocess
import sys

import keras
import msgspec
import numpy as np
import pytest
from stripes import LABELS, SIDE, facts, pictures

from convert.cli import main
from convert.graph.flatbuffer import parse
from convert.network.source import load
from convert.proving.verify import run
from convert.quantizing.quantize import FORMATS, quantize
from edge.errors import Problem
from edge.model import bundle as device
from edge.vision.crop import normalize

layers = keras.layers


@pytest.fixture(scope="module")
def source(run_folder):
    return load(run_folder)


@pytest.fixture(scope="module")
def inputs():
    return normalize(pictures(100, seed=3)[0], "standard")


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_gives_the_networks_numbers(source, inputs, to):
    model = quantize(source, to, inputs)
    graph = parse(model)
    ends = {"int8": "int8", "uint8": "uint8"}.get(to, "float32")
    assert [graph.tensors[i].dtype for i in (*graph.inputs, *graph.outputs)] == [ends, ends]
    assert np.abs(run(model, inputs) - source.predict(inputs)).max() < (0.05 if ends != "float32" else 0.01)


def test_int8_is_integer_throughout_per_channel_with_batch_norm_folded(source, inputs):
    graph = parse(quantize(source, "int8", inputs))
    assert {op.name for op in graph.ops} == {"CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"}
    assert all("float" not in tensor.dtype for tensor in graph.tensors)
    weights = [graph.tensors[op.inputs[1]] for op in graph.ops if op.name == "CONV_2D"]
    assert [len(tensor.scales) for tensor in weights] == [8, 16]
    assert not any(tensor.dynamic for tensor in graph.tensors)


def test_the_batch_is_fixed_as_asked(source, inputs):
    model = quantize(source, "int8", inputs, batch=4)
    assert parse(model).tensors[parse(model).inputs[0]].shape == (4, SIDE, SIDE, 1)
    assert np.abs(run(model, inputs[:7]) - source.predict(inputs[:7])).max() < 0.05


def test_the_softmax_goes_where_it_is_wanted(source, inputs):
    outside = source.with_logits()
    again = outside.with_softmax()
    assert (source.activation, outside.activation, again.activation) == ("softmax", "logits", "softmax")
    assert "SOFTMAX" not in {op.name for op in parse(quantize(outside, "int8", inputs)).ops}
    np.testing.assert_allclose(again.predict(inputs), source.predict(inputs), atol=1e-6)


def test_a_fused_softmax_is_found_and_cut_too(tmp_path, inputs):
    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.save(tmp_path / "model.keras")
    fused = load(tmp_path / "model.keras")
    assert fused.activation == "softmax"
    assert np.abs(fused.with_logits().predict(inputs).sum(axis=1) - 1).max() > 0.01
    assert load(tmp_path / "model.keras").predict(inputs).sum(axis=1) == pytest.approx(1)


def test_a_saved_model_gives_what_its_keras_model_gives(run_folder, source, inputs, tmp_path):
    keras.saving.load_model(run_folder / "model.keras").export(tmp_path / "saved", verbose=False)
    saved = load(tmp_path / "saved")
    assert (saved.shape, saved.activation) == (source.shape, "softmax")
    np.testing.assert_allclose(saved.predict(inputs), source.predict(inputs), atol=1e-5)
    assert np.abs(run(quantize(saved, "int8", inputs), inputs) - source.predict(inputs)).max() < 0.05
    with pytest.raises(Problem, match="cannot be cut off"):
        saved.with_logits()


def test_another_process_makes_the_same_bytes(run_folder, data, bundle, tmp_path):
    command = [sys.executable, "-m", "convert.cli", "quantize", str(run_folder), "--calibration", str(data)]
    subprocess.run([*command, "-o", str(tmp_path / "again")], check=True, capture_output=True)
    for file in bundle.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_device_loads_the_bundle_and_the_card_tells_the_story(bundle):
    loaded = device.load(bundle, kind="expressions")
    quantization = loaded.card.quantization
    assert loaded.card.name == "stripes-int8"
    assert quantization.dtype == "int8"
    assert "512" not in quantization.calibration  # only 400 pictures are in the training split
    assert "400 samples of 3 classes, 8 subjects, seed 0" in quantization.calibration
    assert quantization.agreement is not None
    assert quantization.agreement > 0.97
    assert {metric.name for metric in loaded.card.metrics} == {"accuracy", "macro-F1", "AUC"}
    assert {metric.split for metric in loaded.card.metrics} == {"validation"}


def sequence_model(unit):
    frames = keras.Input((4, SIDE, SIDE, 1))
    x = layers.TimeDistributed(layers.Conv2D(4, 3, strides=4, activation="relu"))(frames)
    x = layers.TimeDistributed(layers.GlobalAveragePooling2D())(x)
    return keras.Model(frames, layers.Dense(3)(unit(8)(x)))


@pytest.mark.parametrize("unit", [layers.LSTM, layers.GRU])
def test_a_sequence_network_is_unrolled_and_goes_to_int8(tmp_path, unit):
    sequence_model(unit).save(tmp_path / "model.keras")
    source = load(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(20, 4, SIDE, SIDE, 1)).astype(np.float32)
    model = quantize(source, "int8", x)
    graph = parse(model)
    assert graph.subgraphs == 1
    assert "WHILE" not in {op.name for op in graph.ops}
    assert np.abs(run(model, x) - source.predict(x)).max() < 0.05


# --- what cannot be converted says why ---


def refused(capsys, *arguments):
    assert main(["quantize", *map(str, arguments)]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_calibration_is_asked_for(run_folder, capsys):
    assert "--calibration DATA" in refused(capsys, run_folder, "--int8")


def test_only_whole_numbers_can_be_tuned(run_folder, data, tmp_path, capsys):
    words = (run_folder, "--float16", "--calibration", data, "--tune", 9, "-o", tmp_path / "made")
    assert "nothing to tune in a float16 model" in refused(capsys, *words)


def test_what_the_end_would_refuse_is_refused_before_the_work(data, tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    words = (tmp_path / "no model", "--calibration", data)
    assert "is not a bundle; it is left alone" in refused(capsys, *words, "-o", tmp_path)
    assert "signing key" in refused(capsys, *words, "-o", tmp_path / "made", "--sign", tmp_path / "none.pem")


def test_what_is_no_model_is_refused(tmp_path, data, capsys):
    (tmp_path / "model.keras").write_text("hello")
    (tmp_path / "facts.json").write_bytes(msgspec.json.encode(facts()))
    assert "not a Keras model" in refused(
        capsys, tmp_path / "model.keras", "--calibration", data, "--facts", tmp_path / "facts.json"
    )
    assert "neither model.keras nor saved_model.pb" in refused(
        capsys, data.parent, "--calibration", data, "--facts", tmp_path / "facts.json"
    )
    assert "does not exist" in refused(
        capsys, tmp_path / "nothing", "--calibration", data, "--facts", tmp_path / "facts.json"
    )
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_text("hello")
    assert "not a SavedModel" in refused(
        capsys, tmp_path / "saved", "--calibration", data, "--facts", tmp_path / "facts.json"
    )


def save(folder, model, **changes):
    import msgspec

    folder.mkdir()
    model.save(folder / "model.keras")
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts(**changes)))
    return folder


def test_a_changing_size_is_refused_with_a_way_out(tmp_path, data, capsys):
    model = keras.Sequential([keras.Input((None, None, 1)), layers.GlobalAveragePooling2D(), layers.Dense(3)])
    said = refused(capsys, save(tmp_path / "run", model), "--calibration", data)
    assert "? x ? x 1" in said
    assert "fixed" in said


def test_nan_weights_are_named(run_folder, tmp_path, data, capsys):
    model = keras.saving.load_model(run_folder / "model.keras")
    kernel = model.layers[1].kernel
    kernel.assign(np.where(np.arange(8) == 2, np.nan, kernel.numpy()))
    said = refused(capsys, save(tmp_path / "run", model), "--calibration", data)
    assert "kernel" in said
    assert "NaN" in said


def test_two_inputs_are_refused(tmp_path, data, capsys):
    a, b = keras.Input((SIDE, SIDE, 1)), keras.Input((SIDE, SIDE, 1))
    model = keras.Model([a, b], layers.Dense(3)(layers.Flatten()(layers.Add()([a, b]))))
    assert "2 inputs" in refused(capsys, save(tmp_path / "run", model), "--calibration", data)


def test_an_operation_tflite_lacks_is_named_with_a_way_out(tmp_path, data, capsys):
    @keras.saving.register_keras_serializable()
    class Digamma(layers.Layer):
        def call(self, x):
            import tensorflow as tf

            return tf.math.digamma(tf.abs(x) + 1)

    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), Digamma(), layers.Flatten(), layers.Dense(3)])
    said = refused(capsys, save(tmp_path / "run", model), "--calibration", data)
    assert "TFLite lacks Digamma" in said
    assert "ONNX" in said


def test_a_layer_keras_does_not_know_is_refused_with_a_way_out(tmp_path, data, capsys):
    class Doubled(layers.Layer):
        def call(self, x):
            return 2 * x

    model = keras.Sequential([keras.Input((SIDE, SIDE, 1)), Doubled(), layers.Flatten(), layers.Dense(3)])
    said = refused(capsys, save(tmp_path / "run", model), "--calibration", data)
    assert "not part of Keras" in said
    assert "model.export" in said


def test_missing_or_broken_facts_are_explained(run_folder, tmp_path, data, capsys):
    shutil.copy(run_folder / "model.keras", tmp_path)
    assert "--facts FILE" in refused(capsys, tmp_path, "--calibration", data)
    (tmp_path / "facts.json").write_text('{"kind": "weather"}')
    assert "damaged or not made by `train`" in refused(capsys, tmp_path, "--calibration", data)


def calibration(tmp_path, **columns):
    np.savez(tmp_path / "odd.npz", **columns)
    return tmp_path / "odd.npz"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": np.zeros((5, 9, 9), np.uint8)}, f"are 9 x 9, the network takes {SIDE} x {SIDE}"),
        ({"x": np.zeros((5, SIDE, SIDE), np.float32)}, "bytes (uint8) before any normalization"),
        ({"x": np.zeros((5, SIDE, SIDE, 1, 1), np.uint8)}, "N x height x width"),
        ({"x": np.zeros((0, SIDE, SIDE), np.uint8)}, "holds no pictures"),
        ({"pictures": np.zeros((5, SIDE, SIDE), np.uint8)}, "no array called x; it has pictures"),
        ({"x": np.zeros((5, SIDE, SIDE), np.uint8), "y": np.zeros(4, np.int64)}, "5 pictures, but 4 rows in y"),
        ({"x": np.zeros((5, SIDE, SIDE), np.uint8), "y": np.array([0, 1, 2, 3, 0])}, "label"),
        ({"x": np.zeros((5, SIDE, SIDE), np.uint8), "y": np.array(list("abcde"))}, "one whole number a picture"),
        ({"x": np.zeros((5, SIDE, SIDE), np.uint8), "y": np.full(5, 0.5)}, "one whole number a picture"),
        ({"x": np.zeros((5, SIDE, SIDE), np.uint8), "y": np.zeros((5, 3), np.int64)}, "one whole number a picture"),
    ],
)
def test_calibration_data_of_the_wrong_shape_or_type_is_explained(run_folder, tmp_path, capsys, columns, message):
    said = refused(capsys, run_folder, "--calibration", calibration(tmp_path, **columns), "--samples", 2)
    assert message in said


def test_calibration_data_that_are_none_are_explained(run_folder, tmp_path, capsys):
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 broken")
    assert "cannot be read as an .npz" in refused(capsys, run_folder, "--calibration", tmp_path / "broken.npz")
    assert "does not exist" in refused(capsys, run_folder, "--calibration", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in refused(capsys, run_folder, "--calibration", tmp_path / "empty")


def test_the_labels_of_the_data_must_be_the_networks(run_folder, tmp_path, capsys):
    x, y = pictures(20, seed=5)
    odd = calibration(tmp_path, x=x, y=y, labels=np.array(LABELS[::-1]))
    assert "in another order" in refused(capsys, run_folder, "--calibration", odd)


def test_a_sequence_network_tells_how_far_it_is_and_what_is_quicker(tmp_path, capsys, monkeypatch):
    from functools import partial

    from convert.quantizing import watch

    monkeypatch.setattr(watch, "telling", partial(watch.telling, every=0))
    sequence_model(layers.LSTM).save(tmp_path / "model.keras")
    (tmp_path / "facts.json").write_bytes(msgspec.json.encode(facts()))
    x, y = pictures(24, seed=4)
    np.savez(tmp_path / "data.npz", x=np.stack([x] * 4, axis=1), y=y)
    words = ["quantize", str(tmp_path), "--calibration", str(tmp_path / "data.npz"), "--samples", "8"]
    assert main([*words, "-o", str(tmp_path / "bundle")]) == 0
    said = capsys.readouterr().out
    assert "It looks at 4 frames at once: a bundle for desktops" in said
    assert device.load(tmp_path / "bundle", kind=None).card.name
    with pytest.raises(Problem, match="it looks at 4 frames at once, and the device asks about single pictures"):
        device.load(tmp_path / "bundle", kind="expressions")
    assert "--samples 64" in said
    for step in ("calibrating", "looking for ranges", "trying where it ends", "measuring biases"):
        assert f"{step}: 7 of 8, under a minute left" in said or f"{step}: 14 of 15, under a minute left" in said, step
