"""Every published layout of pictures becomes the one data set; what is wrong with a file is said, with the line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from layouts import FER_VOTES, face, fer2013, picture, student_engagement, wacv2016, write_csv

from edge.errors import Problem
from edge.vision.crop import normalize
from train.datasets import layout_of, read
from train.datasets.arrays import to_arrays
from train.datasets.dataset import Dataset, Sample
from train.datasets.engagement_arrays import write as write_arrays


def sizes(dataset) -> dict[str, int]:
    return {split: len(dataset.only(split)) for split in ("train", "validation", "test")}


def test_the_official_fer2013_csv_is_read_with_all_three_splits(tmp_path):
    file = fer2013(tmp_path / "fer2013.csv", {"Training": 20, "PublicTest": 8, "PrivateTest": 7})
    dataset = read(file)
    assert sizes(dataset) == {"train": 20, "validation": 8, "test": 7}
    assert dataset.labels == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    np.testing.assert_array_equal(dataset.samples[3].load(), face(4, 3))
    assert dataset.samples[3].origin == f"{file}:5"


def test_kaggles_header_with_spaces_is_read_too(tmp_path):
    pixels = " ".join(map(str, face(1, 1).ravel().tolist()))
    write_csv(tmp_path / "icml.csv", ("emotion", " Usage", " pixels"), [(3, "PrivateTest", pixels)])
    assert read(tmp_path / "icml.csv").samples[0].split == "test"


def test_bad_fer2013_rows_are_listed_and_not_silently_lost(tmp_path):
    good = " ".join(["7"] * 2304)
    rows = [(0, good, "Training"), (1, good[:-2], "Training"), (2, good.replace("7", "300", 1), "Training")]
    rows.append((3, good.replace("7", "x", 1), "Training"))
    dataset = read(write_csv(tmp_path / "fer.csv", ("emotion", "pixels", "Usage"), rows))
    assert len(dataset) == 1
    assert [skipped.origin.rpartition(":")[2] for skipped in dataset.skipped] == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        (("emotion", "pixels", "Usage"), (7, "1 2", "Training"), "fer.csv:2 has the emotion '7'"),
        (("emotion", "pixels", "Usage"), (0, "1 2", "Holdout"), "'Holdout' in .*fer.csv:2 is no split"),
        (("emotion", "pixel", "Usage"), (0, "1 2", "Training"), "its columns are Usage, emotion, pixel"),
        (("emotion", "pixels", "Usage"), (0, "1 2"), "fer.csv:2 has 2 of 3 columns"),
    ],
)
def test_a_wrong_fer2013_file_is_one_message_with_file_and_line(tmp_path, header, row, said):
    with pytest.raises(Problem, match=said):
        read(write_csv(tmp_path / "fer.csv", header, [row]))


def fer_with_votes(folder: Path) -> tuple[Path, Path]:
    file = fer2013(folder / "fer2013.csv", {"Training": 4, "PublicTest": 2})
    names = ("", "fer0000001.png", "fer0000002.png", "fer0000003.png", "fer0000004.png", "fer0000005.png")
    votes = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 10),  # no face
        (0, 6, 3, 1, 0, 0, 0, 0, 0, 0),
        (4, 0, 0, 4, 0, 0, 0, 2, 0, 0),  # a tie
        (1, 0, 0, 0, 0, 0, 0, 9, 0, 0),  # contempt
        (8, 0, 0, 2, 0, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 10),
    ]
    usage = ["Training"] * 4 + ["PublicTest"] * 2
    rows = [(u, name, *v) for u, name, v in zip(usage, names, votes, strict=True)]
    return file, write_csv(folder / "votes.csv", ("Usage", "Image name", *FER_VOTES), rows)


def test_soft_votes_are_shares_without_single_votes_and_keep_evaluation_rows(tmp_path):
    file, votes = fer_with_votes(tmp_path)
    dataset = read(file, votes=votes)
    assert sizes(dataset) == {"train": 3, "validation": 2, "test": 0}
    assert "not a face" in dataset.skipped[0].reason
    second = dataset.samples[0]
    assert second.label == 1  # FER-2013's own
    assert second.weights == pytest.approx((0, 0, 0, 6 / 9, 0, 3 / 9, 0))
    assert read(file, votes=votes, labels="votes").samples[0].weights == pytest.approx((0, 0, 0, 0.6, 0.1, 0.3, 0))
    # Nothing but contempt and noise: FER-2013's own label is all there is.
    assert dataset.samples[2].weights == pytest.approx((0, 0, 0, 1, 0, 0, 0))


def test_majority_votes_take_the_winner_and_list_the_rest(tmp_path):
    file, votes = fer_with_votes(tmp_path)
    dataset = read(file, votes=votes, labels="majority")
    assert [dataset.labels[sample.label] for sample in dataset.samples] == ["happy", "neutral"]
    reasons = " ".join(skipped.reason for skipped in dataset.skipped)
    assert all(word in reasons for word in ("not a face", "no majority", "contempt"))


def test_votes_that_do_not_line_up_are_refused(tmp_path):
    file, votes = fer_with_votes(tmp_path)
    lines = votes.read_text().splitlines()
    votes.write_text("\n".join([lines[0], *lines[3:]]))
    with pytest.raises(Problem, match=r"votes\.csv:4 is of split 'validation'"):
        read(file, votes=votes)


def test_fer2013_folders_are_read_under_either_name(tmp_path):
    picture(tmp_path / "train" / "anger" / "1.png", face(1, 0))
    picture(tmp_path / "train" / "happy" / "2.jpg", face(2, 3))
    picture(tmp_path / "test" / "6" / "3.png", face(3, 6))
    dataset = read(tmp_path)
    assert {(sample.split, dataset.labels[sample.label]) for sample in dataset.samples} == {
        ("train", "angry"),
        ("train", "happy"),
        ("test", "neutral"),
    }


def test_wacv2016_knows_its_subjects_and_colours(tmp_path):
    dataset = read(wacv2016(tmp_path, subjects=3, each=2))
    assert dataset.labels == ("low", "mid", "high")
    assert dataset.groups() == ("subject 01", "subject 02", "subject 03")
    shapes = {dataset.labels[sample.label]: sample.load().shape for sample in dataset.samples}
    assert shapes == {"low": (90, 100, 3), "mid": (100, 100), "high": (100, 100)}


def test_a_manifest_lists_missing_and_broken_pictures_with_their_lines(tmp_path):
    picture(tmp_path / "a.png", face(1, 0))
    picture(tmp_path / "b.jpg", face(2, 1))
    cut = (tmp_path / "b.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(cut[: len(cut) // 2])
    (tmp_path / "text.png").write_text("no picture")
    rows = [("a.png", "high", "s1", "train"), ("b.jpg", "low", "s2", "test"), ("gone.png", "low", "s2", "test")]
    rows += [("cut.jpg", "low", "s2", "test"), ("text.png", "low", "s2", "test")]
    dataset = read(write_csv(tmp_path / "mine.csv", ("path", "label", "subject", "split"), rows))
    assert dataset.labels == ("low", "mid", "high")
    assert [(sample.label, sample.group, sample.split) for sample in dataset.samples] == [
        (2, "s1", "train"),
        (0, "s2", "test"),
    ]
    assert {skipped.origin.rpartition(":")[2] for skipped in dataset.skipped} == {"4", "5", "6"}


def test_the_npy_layout_is_written_and_read_back(tmp_path):
    dataset = read(wacv2016(tmp_path / "wacv", subjects=3, each=2))
    split = {"subject 01": "train", "subject 02": "validation", "subject 03": "test"}
    dataset = replace(dataset, samples=tuple(replace(s, split=split[s.group]) for s in dataset.samples))
    write_arrays(dataset, tmp_path / "arrays", engaged=("mid", "high"))
    x, y = (np.load(tmp_path / "arrays" / f"{name}_train.npy") for name in "XY")
    assert x.shape == (6, 48, 48)
    assert np.linalg.norm(x.reshape(6, -1), axis=1) == pytest.approx([100] * 6, rel=1e-4)
    again = read(tmp_path / "arrays")
    assert sizes(again) == {"train": 6, "validation": 6, "test": 6}
    assert [sample.label for sample in again.only("train").samples] == y.tolist() == [0, 0, 1, 1, 1, 1]
    # The published preprocessing takes mean and scale away: it gives the same faces again.
    np.testing.assert_allclose(normalize(to_arrays(again.only("train")).x, "norm")[..., 0], x, atol=0.05)


def test_one_hot_labels_put_engaged_first_as_published(tmp_path):
    np.save(tmp_path / "X_train.npy", np.stack([face(1, 1), face(2, 2)])[..., None])
    np.save(tmp_path / "Y_train.npy", np.array([[1.0, 0.0], [0.0, 1.0]]))
    dataset = read(tmp_path)
    assert [dataset.labels[sample.label] for sample in dataset.samples] == ["engaged", "disengaged"]
    np.testing.assert_array_equal(dataset.samples[0].load(), face(1, 1))


def test_npy_files_that_do_not_fit_together_are_refused(tmp_path):
    np.save(tmp_path / "X_train.npy", np.zeros((3, 48, 48)))
    np.save(tmp_path / "Y_train.npy", np.array([0, 1]))
    with pytest.raises(Problem, match=r"3 faces, but Y_train\.npy 2 labels"):
        read(tmp_path)


def test_the_kaggle_folders_give_two_or_six_classes(tmp_path):
    student_engagement(tmp_path, recordings=1, each=2, size=32)
    two, six = read(tmp_path), read(tmp_path, labels="states")
    assert two.labels == ("disengaged", "engaged")
    assert [sum(s.label == n for s in two.samples) for n in (0, 1)] == [6, 6]
    assert six.labels == ("looking away", "bored", "drowsy", "confused", "engaged", "frustrated")
    assert sorted(s.label for s in six.samples) == sorted(list(range(6)) * 2)


def test_a_folder_that_is_no_state_is_named(tmp_path):
    student_engagement(tmp_path, recordings=1, each=1, size=32)
    (tmp_path / "Engaged" / "sleeping").mkdir()
    with pytest.raises(Problem, match="Engaged/sleeping is none of the states"):
        read(tmp_path)


def test_crops_are_the_devices_own_and_in_order(tmp_path):
    dataset = read(wacv2016(tmp_path, subjects=2, each=1))
    arrays = to_arrays(dataset, size=48)
    assert arrays.x.shape == (6, 48, 48)
    assert arrays.y.tolist() == [sample.label for sample in dataset.samples]
    expected = cv2.resize(dataset.samples[-1].load(), (48, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(arrays.x[-1].astype(int) - expected).mean() < 2


def test_sequences_keep_their_time_axis():
    frames = np.stack([face(1, 1, n, size=64) for n in range(8)])
    dataset = Dataset("drawn", ("a", "b"), (Sample(1, "drawn", lambda: frames),))
    assert to_arrays(dataset, size=48).x.shape == (1, 8, 48, 48)


def test_a_path_that_is_no_data_set_is_one_message(tmp_path):
    with pytest.raises(Problem, match="does not exist"):
        read(tmp_path / "nothing")
    with pytest.raises(Problem, match="looks like no known data set"):
        layout_of(tmp_path)
