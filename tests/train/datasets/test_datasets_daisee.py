"""DAiSEE in its own tree, with really encoded clips: what is read, what is skipped and why, and the label rules."""

from __future__ import annotations

from collections import Counter

import cv2
import h5py
import numpy as np
import pytest
from layouts import DAISEE_RATINGS, clip, daisee, face
from matplotlib import cbook

from edge.errors import Problem
from train.datasets import Clips, layout_of, read
from train.datasets.daisee_labels import Ratings, label_of, subset
from train.datasets.faces import biggest_face
from train.datasets.sequences import Extracted, extract


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return daisee(tmp_path_factory.mktemp("DAiSEE"))


@pytest.fixture(scope="module")
def dataset(tree):
    return read(tree, clips=Clips(crop="frame", size=32))


def test_the_tree_is_recognised(tree):
    assert layout_of(tree) == "daisee"


def test_official_splits_and_subjects_are_kept(dataset):
    subjects = {split: set(dataset.only(split).groups()) for split in ("train", "validation", "test")}
    assert subjects == {
        "train": {"110001", "110002"},
        "validation": {"110003", "110004"},
        "test": {"110005", "110006"},
    }


def test_each_clip_gives_sequences_of_eight_frames_every_sixteen(dataset):
    clips = Counter(sample.origin.partition("#")[0] for sample in dataset.samples)
    # 26 frames: sequences start at 0 and at 16.
    assert set(clips.values()) == {2}
    assert len(clips) == 6 * len(DAISEE_RATINGS)
    assert dataset.samples[0].load().shape == (8, 32, 32)
    assert dataset.samples[0].load().dtype == np.uint8


def test_mp4_clips_are_found_though_labels_call_them_avi(dataset):
    assert sum(".mp4#" in sample.origin for sample in dataset.samples) == 2 * 6


def test_broken_lost_and_unlisted_clips_are_listed_with_their_reason(dataset):
    reasons = {skipped.origin.rpartition("/")[2]: skipped.reason for skipped in dataset.skipped}
    assert "cannot be decoded" in reasons["broken.avi"]
    assert "no row in TrainLabels.csv" in reasons["unlisted.avi"]
    lost = next(reason for origin, reason in reasons.items() if origin.startswith("TrainLabels.csv:"))
    assert "no clip lost" in lost
    assert len(reasons) == 3


def test_sequences_hold_the_frames_of_the_clip(dataset):
    sample = dataset.samples[1]
    video = cv2.VideoCapture(sample.origin.partition("#")[0])
    frames = [video.read()[1] for _ in range(24)]
    expected = cv2.resize(cv2.cvtColor(frames[16], cv2.COLOR_BGR2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    assert np.abs(sample.load()[0].astype(int) - expected).max() <= 2


def test_one_frame_gives_pictures_for_frame_level_networks(tree):
    pictures = read(tree, clips=Clips(crop="frame", size=32, frames=1))
    assert pictures.samples[0].load().shape == (32, 32)


def test_the_four_levels_and_three_classes_are_offered(tree):
    levels = read(tree, labels="levels", clips=Clips(crop="frame", size=32))
    assert levels.labels == ("very low", "low", "high", "very high")
    three = read(tree, labels="three", clips=Clips(crop="frame", size=32))
    assert three.labels == ("engaged", "bored", "other")
    ties = [skipped for skipped in three.skipped if "ratings tie" in skipped.reason]
    assert len(ties) == 6  # (1, 1, 1, 0), once a subject


@pytest.mark.parametrize(
    ("ratings", "three"),
    [
        ((0, 3, 1, 0), 0),
        ((3, 0, 1, 0), 1),
        ((0, 1, 3, 0), 2),
        ((0, 1, 0, 2), 2),
        ((2, 2, 0, 0), 0),  # engaged by the binary label
        ((1, 1, 0, 0), 1),  # not engaged by the binary label
        ((0, 2, 2, 0), 2),
        ((2, 0, 0, 2), 2),
        ((0, 0, 1, 1), 2),
        ((1, 1, 1, 0), None),
        ((0, 0, 0, 0), None),
    ],
)
def test_ties_follow_the_published_rules(ratings, three):
    assert label_of(Ratings(*ratings), "three") == three


def test_binary_is_split_between_low_and_high():
    assert [label_of(Ratings(0, level, 0, 0), "binary") for level in range(4)] == [0, 0, 1, 1]


def test_the_stratified_subset_keeps_every_minority_clip_within_its_bounds():
    clips = [("train", f"p{n % 4}", Ratings(0, 3, 0, 0)) for n in range(200)]
    clips += [("train", "p0", Ratings(0, 0, 0, 0))] * 9 + [("test", "p9", Ratings(0, 1, 0, 0))] * 2
    kept = subset(clips, seed=1)
    assert set(range(200, 211)) <= set(kept)
    majority = [clips[row] for row in kept if clips[row][2].engaged]
    assert len(majority) == 27  # three for each of nine
    assert max(Counter(subject for _, subject, _ in (clips[row] for row in kept)).values()) <= 15
    assert subset(clips, seed=1) == kept
    assert subset(clips, seed=2) != kept


def test_an_interrupted_extraction_goes_on_and_other_settings_are_refused(tmp_path):
    files = [clip(tmp_path / f"c{n}.avi", [face(n, n, f, size=64) for f in range(10)]) for n in range(2)]
    cache, clips = tmp_path / "cache", Clips(crop="frame", size=32)
    extract(files[:1], cache, clips, biggest_face)
    before = (tmp_path / "cache" / "c0.h5").stat().st_mtime_ns
    assert all(isinstance(result, Extracted) for result in extract(files, cache, clips, biggest_face))
    assert (tmp_path / "cache" / "c0.h5").stat().st_mtime_ns == before
    with h5py.File(tmp_path / "cache" / "c1.h5") as held:
        assert held["sequences"].shape == (1, 8, 32, 32)
    with pytest.raises(Problem, match=r"holds frame crops of 32 px.*but frame crops of 48 px"):
        extract(files, cache, Clips(crop="frame", size=48), biggest_face)


def test_face_crops_follow_the_face_with_the_devices_detector(tmp_path):
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        portrait = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    small = cv2.resize(portrait, (256, 300))
    room = np.full((420, 560, 3), 90, np.uint8)
    left, right = room.copy(), room.copy()
    left[60:360, 10:266] = small
    right[60:360, 290:546] = small
    moving = clip(tmp_path / "moving.avi", [left] * 16 + [right] * 16)
    empty = clip(tmp_path / "empty.avi", [room] * 16)
    found, nothing = extract([moving, empty], tmp_path / "cache", Clips(size=48), biggest_face)
    assert nothing == "no face found"
    with h5py.File(found.file) as held:
        first, second = held["sequences"][0, 0], held["sequences"][1, 0]
    # The same face fills both crops, though it moved across the room.
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.95
    assert first.std() > 30


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text.replace("Engagement", "Engaged"), "TrainLabels.csv:1 has no column 'Engagement'"),
        (lambda text: text.replace("0,2,0,0", "0,4,0,0", 1), "TrainLabels.csv:2 rates 0, 4, 0, 0"),
    ],
)
def test_a_wrong_label_file_is_one_message(tmp_path, spoil, said):
    tree = daisee(tmp_path, subjects=1, frames=9)
    table = tree / "Labels" / "TrainLabels.csv"
    table.write_text(spoil(table.read_text()))
    with pytest.raises(Problem, match=said):
        read(tree, clips=Clips(crop="frame"))
