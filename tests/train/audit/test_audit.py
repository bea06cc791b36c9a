"""The audit finds a planted leak of each kind, and finds none where there is none."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from layouts import face, fer2013, picture, student_engagement, wacv2016, write_csv

from train.audit.audit import audit
from train.audit.page import summary, write
from train.audit.prints import fingerprints
from train.audit.twins import recordings, twins
from train.cli import main
from train.datasets import read
from train.datasets.dataset import Dataset, Sample


def drawn(count: int = 60, *, seed: int = 0) -> Dataset:
    """Different people in every split: nothing leaks."""
    names = ("train", "validation", "test")
    samples = [
        sample(face(seed * 1000 + n, n % 3), n % 3, split=names[(n // 4) % 3], group=f"person {n // 4}")
        for n in range(count)
    ]
    return Dataset("drawn", ("low", "mid", "high"), tuple(samples), provenance="drawn")


def sample(image: np.ndarray, label: int, *, split: str = "", group: str = "", origin: str = "drawn") -> Sample:
    return Sample(label, origin, lambda: image, group=group, split=split)


def plus(dataset: Dataset, *samples: Sample) -> Dataset:
    return replace(dataset, samples=dataset.samples + samples)


def kinds(dataset: Dataset) -> set[str]:
    return {finding.kind for finding in audit(dataset).findings if finding.severity != "note"}


def test_clean_data_have_no_finding():
    assert kinds(drawn()) == set()


def test_a_subject_in_two_splits_is_a_leak():
    dataset = plus(drawn(), sample(face(999, 0), 0, split="test", group="person 0"))
    found = audit(dataset)
    assert found.leaks
    assert found.subjects_in_two_splits == {"person 0": ("test", "train")}


@pytest.mark.parametrize(
    ("change", "mirrored"),
    [
        (lambda image: image, False),
        (lambda image: cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0), False),
        (lambda image: cv2.resize(cv2.resize(image, (40, 40)), (64, 64)), False),
        (lambda image: cv2.convertScaleAbs(image, alpha=0.8, beta=20), False),
        (lambda image: cv2.flip(image, 1), True),
    ],
    ids=["copied", "compressed", "resized", "brightened", "mirrored"],
)
def test_a_picture_on_both_sides_of_a_split_is_a_leak(change, mirrored):
    clean = drawn()
    first = clean.only("train").samples[5]
    dataset = plus(clean, sample(change(first.load()), first.label, split="test", group="somebody else"))
    found = audit(dataset)
    assert found.leaks
    crossing = next(c for c in found.across_splits if c.between == ("train", "test"))
    assert crossing.pictures == 1
    assert found.across_subjects[0].pictures == 1
    assert (found.mirrored > 0) == mirrored
    assert any("across splits" in kind for _, _, kind in found.examples)


def test_the_same_picture_with_two_labels_is_a_conflict():
    clean = drawn()
    first = clean.samples[0]
    twin = sample(first.load(), (first.label + 1) % 3, split=first.split, group=first.group)
    found = audit(plus(clean, twin))
    assert found.conflicts == 2
    assert found.identical == 2
    assert "label conflicts" in {finding.kind for finding in found.findings}


def test_a_label_made_of_one_recording_is_found():
    frames = [sample(face(7, 1, n % 3), 1) for n in range(30)]
    others = [sample(face(100 + n, label), label) for n in range(30) for label in (0, 2)]
    found = audit(Dataset("recorded", ("low", "mid", "high"), tuple(frames + others)))
    by_label = {recording.label: recording for recording in found.recordings}
    assert by_label["mid"].effective < 2
    assert by_label["mid"].largest > 0.9
    assert by_label["low"].effective > 15
    assert next(f for f in found.findings if f.kind == "few recordings").text.startswith("The 30 pictures of 'mid'")


@pytest.mark.parametrize("shortcut", ["colour", "size", "sharpness"])
def test_a_label_that_can_be_read_off_the_format_is_found(shortcut):
    def disguised(image: np.ndarray, label: int) -> np.ndarray:
        if label != 1:
            return image
        if shortcut == "colour":
            return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        return cv2.resize(image, (60, 60)) if shortcut == "size" else cv2.GaussianBlur(image, (9, 9), 0)

    clean = drawn(120)
    spoilt = replace(
        clean,
        samples=tuple(sample(disguised(s.load(), s.label), s.label, group=s.group) for s in clean.samples),
    )
    found = audit(spoilt)
    assert found.format.leaks
    assert found.format.low > found.format.chance_high
    assert shortcut in next(iter(found.format.by_feature)) or shortcut == "size"
    assert "format" in kinds(spoilt)
    assert not audit(clean).format.leaks


def test_a_kaggle_like_set_of_few_recordings_is_warned_about_and_one_of_many_is_not(tmp_path):
    few = read(student_engagement(tmp_path / "few", recordings=2, each=12, size=48), labels="states")
    many = read(student_engagement(tmp_path / "many", recordings=24, each=1, size=48), labels="states")
    assert "few recordings" in kinds(few)
    assert "few recordings" not in kinds(many)


def test_twins_are_found_by_blocks_as_by_comparing_all(monkeypatch):
    dataset = drawn(80)
    copies = tuple(sample(s.load(), s.label) for s in dataset.samples[::3])
    prints = fingerprints(plus(dataset, *copies))
    whole = twins(prints)
    monkeypatch.setattr("train.audit.twins._WORK", 1000)
    blocks = twins(prints)
    np.testing.assert_array_equal(np.c_[whole.first, whole.second], np.c_[blocks.first, blocks.second])
    assert set(zip(whole.first.tolist(), whole.second.tolist(), strict=True)) >= {
        (3 * n, 80 + n) for n in range(len(copies))
    }
    assert len(np.unique(recordings(prints))) <= 80


def test_blank_pictures_are_twins_only_of_blank_pictures():
    dataset = plus(drawn(20), sample(np.zeros((48, 48), np.uint8), 0), sample(np.zeros((48, 48), np.uint8), 0))
    pairs = twins(fingerprints(dataset))
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(20, 21)]


def test_the_page_is_written_as_text_json_and_picture(tmp_path):
    clean = drawn()
    found = audit(plus(clean, sample(face(999, 0), 0, split="test", group="person 0")))
    write(found, tmp_path)
    content = json.loads((tmp_path / "audit.json").read_bytes())
    assert content["by_split"]["train"] == found.by_split["train"]
    assert content["findings"][0]["severity"] == "leak"
    assert "subjects in two splits" in (tmp_path / "audit.txt").read_text()
    image = cv2.imread(str(tmp_path / "audit.png"))
    assert min(image.shape[:2]) > 500
    assert "1 leaks (subjects in two splits)" in found.sentence()


def test_the_command_says_leak_by_its_exit_code_and_lets_one_allow_it(tmp_path, capsys):
    rows = []
    for n in range(12):
        picture(tmp_path / f"{n}.png", face(n, n % 2))
        rows.append((f"{n}.png", ("low", "high")[n % 2], f"s{n % 4}", ("train", "test")[n % 4 == 0]))
    manifest = str(write_csv(tmp_path / "mine.csv", ("path", "label", "subject", "split"), rows))
    assert main(["audit", manifest]) == 0
    rows[0] = (*rows[0][:2], "s1", "test")
    write_csv(tmp_path / "mine.csv", ("path", "label", "subject", "split"), rows)
    assert main(["audit", manifest, "--out", str(tmp_path / "audit")]) == 1
    assert main(["audit", manifest, "--allow", "--json"]) == 0
    printed = capsys.readouterr().out
    assert "LEAK    subjects in two splits: 1 subjects" in printed
    assert json.loads(printed.strip().splitlines()[-1])["subjects_in_two_splits"] == {"s1": ["test", "train"]}
    assert main(["audit", str(tmp_path / "none")]) == 2


def test_fer2013_and_wacv2016_layouts_are_audited_with_what_they_know(tmp_path):
    fer = audit(read(fer2013(tmp_path / "fer.csv", {"Training": 42, "PublicTest": 14})))
    assert fer.by_subject == {}
    assert {finding.kind for finding in fer.findings} == {"no subjects"}
    wacv = audit(read(wacv2016(tmp_path / "wacv", subjects=8, each=5)))
    assert len(wacv.by_subject) == 8
    assert "format" in {finding.kind for finding in wacv.findings}  # class 1 is coloured and of another size
    assert "subjects          8" in summary(wacv)
