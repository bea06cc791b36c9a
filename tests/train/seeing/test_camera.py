"""A face as a camera sees it: far away, in poor light, through a lens, a sensor and a codec."""

import cv2
import numpy as np
import pytest
from portrait import cuts

from edge.vision.crop import crop_faces, whole_image
from train.seeing.camera import as_seen
from train.seeing.conditions import CONDITIONS, Seen, draw


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def faces():
    return cuts(24)


def rough(faces):
    """How much neighbouring pixels differ."""
    return float(np.abs(np.diff(faces.astype(float), axis=-1)).mean())


def test_a_far_face_is_what_the_device_would_cut_from_a_picture_of_that_size(faces, rng):
    for height in (12, 24, 40):
        seen = as_seen(faces, Seen(height), rng)
        for face, one in zip(faces, seen, strict=True):
            small = cv2.resize(face, (height, height), interpolation=cv2.INTER_AREA)
            np.testing.assert_array_equal(one, crop_faces(small, whole_image(small), size=48)[0])


@pytest.mark.parametrize("height", [48, 60])
def test_a_near_face_stays_byte_for_byte(faces, rng, height):
    np.testing.assert_array_equal(as_seen(faces, Seen(height), rng), faces)
    np.testing.assert_array_equal(as_seen(faces, [None] * len(faces), rng), faces)


def test_each_face_is_seen_under_its_own_condition(faces, rng):
    each = [None, Seen(12), Seen(48, light=0.25)] * 8
    seen = as_seen(faces, each, rng)
    np.testing.assert_array_equal(seen[::3], faces[::3])
    np.testing.assert_array_equal(seen[1::3], as_seen(faces[1::3], Seen(12), rng))
    np.testing.assert_allclose(seen[2::3], faces[2::3] * 0.25, atol=0.51)


def test_blur_smooths_and_noise_roughens(faces, rng):
    plain = rough(as_seen(faces, Seen(32), rng))
    assert rough(as_seen(faces, Seen(32, blur=1), rng)) < 0.8 * plain
    assert rough(as_seen(faces, Seen(32, noise=8), rng)) > 1.1 * plain


def test_a_codec_takes_the_more_the_lower_its_quality(faces, rng):
    plain = as_seen(faces, Seen(32), rng).astype(float)
    lost = [np.abs(as_seen(faces, Seen(32, quality=quality), rng) - plain).mean() for quality in (92, 50, 20)]
    assert 0 < lost[0] < lost[1] < lost[2]


def test_low_light_alone_is_undone_by_the_crops_normalization_and_its_noise_is_not(faces, rng):
    def spread(seen):
        flat = seen.reshape(len(seen), -1).astype(float)
        return (flat - flat.mean(1, keepdims=True)) / flat.std(1, keepdims=True)

    bright = spread(as_seen(faces, Seen(32), rng))
    dark = spread(as_seen(faces, Seen(32, light=0.25), rng))
    noisy = spread(as_seen(faces, Seen(32, light=0.25, noise=4), rng))
    assert np.abs(dark - bright).mean() < 0.05
    assert np.abs(noisy - bright).mean() > 0.1


def test_the_frames_of_a_sequence_share_a_condition(faces, rng):
    sequences = faces.reshape(6, 4, 48, 48)
    seen = as_seen(sequences, [Seen(16), None] * 3, rng)
    np.testing.assert_array_equal(seen[::2], as_seen(sequences[::2], Seen(16), rng))
    np.testing.assert_array_equal(seen[1::2], sequences[1::2])


def test_more_faces_than_one_picture_holds(rng):
    many = np.repeat(cuts(1), 700, axis=0)
    seen = as_seen(many, Seen(48, light=0.5), rng)
    np.testing.assert_array_equal(seen, np.repeat(seen[:1], 700, axis=0))


def test_the_same_draw_gives_the_same_faces(faces):
    def once():
        own = np.random.default_rng(3)
        return as_seen(faces, draw(len(faces), own), own)

    np.testing.assert_array_equal(once(), once())


def test_draws_stay_within_what_they_promise_and_leave_the_rest_near():
    drawn = draw(4000, np.random.default_rng(0), share=0.5)
    seen = [one for one in drawn if one is not None]
    assert 0.45 < len(seen) / len(drawn) < 0.55
    assert {one.height for one in seen} == set(range(11, 51))
    assert min(one.light for one in seen) >= 0.2
    assert max(one.light for one in seen) <= 1.2
    assert max(one.blur for one in seen) <= 1
    assert max(one.noise for one in seen) <= 10
    assert {one.quality for one in seen if one.quality} == set(range(20, 93))
    halves = [np.mean([one.height < 22 for one in seen]), np.mean([22 <= one.height < 44 for one in seen])]
    assert halves[0] == pytest.approx(halves[1], abs=0.06)


def test_every_named_condition_can_be_seen(faces, rng):
    for name, condition in CONDITIONS.items():
        assert as_seen(faces, condition, rng).shape == faces.shape, name
