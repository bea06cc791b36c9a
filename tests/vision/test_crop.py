"""The one preprocessing, against OpenCV's own area resampling and plain geometry."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest

from edge.vision.crop import crop_faces, normalize, whole_image


def picture(height: int = 300, width: int = 400) -> np.ndarray:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)


def test_a_face_of_the_networks_size_passes_unchanged() -> None:
    face = np.random.default_rng(1).integers(0, 256, (48, 48)).astype(np.uint8)
    assert np.array_equal(crop_faces(face, whole_image(face))[0], face)


@pytest.mark.parametrize("side", [60, 96, 144, 200])
def test_a_large_face_is_averaged_over_area(side: int) -> None:
    image = picture()
    crop = crop_faces(image, np.array([[40, 30, side, side]]))[0]
    grey = cv2.cvtColor(image[30 : 30 + side, 40 : 40 + side], cv2.COLOR_BGR2GRAY)
    expected = cv2.resize(grey, (48, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(crop.astype(int) - expected).max() <= 3


def test_the_crop_is_square_centred_and_as_wide_as_the_margin_says() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[80:120, 90:110] = 255
    crop = crop_faces(image, np.array([[90, 80, 20, 40]]), margin=0.5)[0]  # a square of 60 around (100, 100)
    rows, columns = np.flatnonzero(crop.max(axis=1) > 128), np.flatnonzero(crop.max(axis=0) > 128)
    assert (rows[0], rows[-1] + 1) == (8, 40)
    assert (columns[0], columns[-1] + 1) == (16, 32)


def test_roll_turns_a_leaning_face_upright() -> None:
    image = picture()
    turn = cv2.getRotationMatrix2D((200, 150), -20, 1)  # clockwise
    leaning = cv2.warpAffine(image, turn, (400, 300))
    box = np.array([[160, 110, 80, 80]])
    upright = crop_faces(image, box)[0]
    turned = crop_faces(leaning, box, roll=np.array([np.radians(20)]))[0]
    assert difference(turned, upright) < difference(crop_faces(leaning, box)[0], upright) / 10


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_a_face_at_the_edge_repeats_the_edge() -> None:
    image = np.full((100, 100, 3), 77, np.uint8)
    assert (crop_faces(image, np.array([[-30, 80, 60, 60]]))[0] == 77).all()


def test_many_faces_give_what_each_gives_alone() -> None:
    image = picture()
    boxes = np.random.default_rng(2).uniform(5, 150, (40, 4)).astype(np.float32)
    together = crop_faces(image, boxes)
    assert np.array_equal(together, np.concatenate([crop_faces(image, box[None]) for box in boxes]))


def test_no_faces_give_no_crops() -> None:
    assert crop_faces(picture(), np.empty((0, 4))).shape == (0, 48, 48)


def test_normalizations_are_what_they_are_called() -> None:
    x = np.random.default_rng(3).integers(0, 256, (4, 48, 48)).astype(np.uint8)
    assert normalize(x, "unit").max() <= 1
    assert normalize(x, "signed").min() >= -1
    assert normalize(x, "standard").std(axis=(1, 2, 3)) == pytest.approx(np.ones(4), rel=0.05)
    assert np.sqrt(np.square(normalize(x, "norm")).sum(axis=(1, 2, 3))) == pytest.approx(np.full(4, 100), rel=1e-3)
    flat = normalize(np.full((1, 48, 48), 128, np.uint8), "standard")
    assert np.isfinite(flat).all()


def test_a_class_of_large_faces_takes_little_memory() -> None:
    image = picture(1080, 1920)
    boxes = np.array([(40 * i, 10 * i, 390, 390) for i in range(40)], np.float32)
    tracemalloc.start()
    crops = crop_faces(image, boxes)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 40 * 2**20
    alone = [crop_faces(image, box[None])[0] for box in boxes[::13]]
    assert np.array_equal(crops[::13], alone)
