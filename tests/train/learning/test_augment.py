"""Random changes leave labels true, and treat a sequence as one thing."""

import numpy as np
import pytest

from train.learning.augment import AUGMENTATIONS, Augmentation, change, erase


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (6, 48, 48), np.uint8)


def test_none_changes_nothing(faces):
    np.testing.assert_array_equal(change(faces, AUGMENTATIONS["none"], np.random.default_rng(1)), faces)


@pytest.mark.parametrize("name", ["s1", "s3", "faces"])
def test_the_same_seed_gives_the_same_faces(faces, name):
    first = change(faces, AUGMENTATIONS[name], np.random.default_rng(1))
    again = change(faces, AUGMENTATIONS[name], np.random.default_rng(1))
    other = change(faces, AUGMENTATIONS[name], np.random.default_rng(2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_all_frames_of_a_sequence_change_alike(faces):
    sequence = np.repeat(faces[:, None], 5, axis=1)
    changed = change(sequence, AUGMENTATIONS["faces"], np.random.default_rng(3))
    assert (changed != sequence).any()
    for frame in range(1, 5):
        np.testing.assert_array_equal(changed[:, frame], changed[:, 0])


def test_a_flip_is_a_mirror_image_and_nothing_else(faces):
    changed = change(faces, Augmentation(flip=True), np.random.default_rng(0))
    mirrored = [np.array_equal(after, before[:, ::-1]) for after, before in zip(changed, faces, strict=True)]
    same = [np.array_equal(after, before) for after, before in zip(changed, faces, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert any(mirrored)
    assert any(same)


@pytest.mark.parametrize(
    "how",
    [Augmentation(rotation=20), Augmentation(shift=0.2), Augmentation(zoom=0.3), Augmentation(gamma=0.5)],
    ids=["rotation", "shift", "zoom", "gamma"],
)
def test_each_of_the_changes_works_alone(faces, how):
    assert (change(faces, how, np.random.default_rng(0)) != faces).any()


def test_erasing_covers_the_same_part_of_every_frame_and_no_more_than_a_fifth():
    x = np.zeros((4, 3, 48, 48, 1), np.float32)
    x[..., ::2, 0] = 1
    covered = erase(x.copy(), Augmentation(erase=0.999), np.random.default_rng(0)) != x
    assert covered.any(axis=(1, 2, 3, 4)).all()
    assert covered.mean(axis=(1, 2, 3, 4)).max() <= 0.25
    assert (covered[:, 0] == covered[:, 2]).all()
