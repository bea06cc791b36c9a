"""What calibration sees: balanced over classes and subjects, and the same pixels as the device."""

import cv2
import numpy as np
import pytest
from stripes import LABELS, SIDE, facts, pictures

from convert.network.samples import normalized, read, representative
from edge.errors import Problem
from edge.vision.crop import crop_faces, normalize, whole_image

INPUT = facts().input


@pytest.fixture
def uneven(tmp_path):
    """90 % of one class, and one subject with most pictures."""
    x, _ = pictures(1000, seed=1)
    y = np.where(np.arange(1000) < 900, 0, np.where(np.arange(1000) < 980, 1, 2))
    groups = np.where(np.arange(1000) % 10 < 8, "often", np.where(np.arange(1000) % 2, "odd", "even"))
    np.savez(tmp_path / "uneven.npz", x=x, y=y, groups=groups)
    return read(tmp_path / "uneven.npz", INPUT)


def test_classes_and_subjects_get_equal_room(uneven):
    chosen, rest = representative(uneven, 60, seed=0)
    assert np.bincount(chosen.y).tolist() == [20, 20, 20]
    for label in (0, 1):
        counts = np.unique(chosen.groups[chosen.y == label], return_counts=True)[1]
        assert counts.max() - counts.min() <= 1
    assert len(rest) == 940


def test_a_class_that_runs_out_leaves_its_room_to_the_others(uneven):
    chosen, _ = representative(uneven, 300, seed=0)
    assert np.bincount(chosen.y).tolist() == [200, 80, 20]


def test_the_seed_decides_and_only_the_seed(uneven):
    first, again, other = (representative(uneven, 60, seed)[0] for seed in (0, 0, 1))
    assert (first.x == again.x).all()
    assert (first.x != other.x).any()


def test_pictures_are_normalized_as_on_the_device():
    x, _ = pictures(5, seed=1)
    from convert.network.samples import Samples

    none = np.empty(0)
    samples = Samples("five", x, none.astype(np.int64), none.astype(np.str_), none.astype(np.str_))
    np.testing.assert_array_equal(normalized(samples, (SIDE, SIDE, 1), "norm"), normalize(x, "norm"))


@pytest.fixture
def folder(tmp_path):
    """Twelve colour pictures of an odd size, one sub-folder a class."""
    random = np.random.default_rng(0)
    for number in range(12):
        file = tmp_path / "pictures" / LABELS[number % 3] / f"{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), random.integers(0, 255, (40, 30, 3), np.uint8))
    return tmp_path / "pictures"


def test_a_folder_of_pictures_is_cut_by_the_devices_own_code(folder):
    samples = read(folder, INPUT, LABELS)
    assert np.bincount(samples.y).tolist() == [4, 4, 4]
    image = cv2.imread(str(folder / LABELS[0] / "00.png"))
    np.testing.assert_array_equal(samples.x[0], crop_faces(image, whole_image(image), size=SIDE)[0])


def test_a_manifest_names_labels_subjects_and_splits(folder):
    rows = [
        f"{LABELS[n % 3]}/{n:02}.png,{LABELS[n % 3]},s{n % 2},{'train' if n < 8 else 'validation'}" for n in range(12)
    ]
    (folder / "list.csv").write_text("\n".join(["path,label,subject,split", *rows]))
    samples = read(folder / "list.csv", INPUT, LABELS)
    assert len(samples.only("train")) == 8
    assert sorted(set(samples.groups)) == ["s0", "s1"]
    with pytest.raises(Problem, match=r"no split 'test'; it has train, validation"):
        samples.only("test")


def test_a_picture_that_is_none_is_named(folder):
    (folder / LABELS[0] / "broken.png").write_bytes(b"hello")
    with pytest.raises(Problem, match=r"broken\.png cannot be read as a picture"):
        read(folder, INPUT, LABELS)


def test_a_label_the_network_does_not_know_is_named(folder):
    with pytest.raises(Problem, match="has the label 'across'; the network knows up, left"):
        read(folder, INPUT, ("up", "left"))


def test_a_manifest_without_paths_is_refused(tmp_path):
    (tmp_path / "list.csv").write_text("file,label\na.png,across\n")
    with pytest.raises(Problem, match="no column called path"):
        read(tmp_path / "list.csv", INPUT, LABELS)
