"""`train evaluate --by COLUMN`: every figure by group of people, and the widest gap; on a real network and detector."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from layouts import face, picture, write_csv
from portrait import portrait

from train.cli import main
from train.datasets import read
from train.datasets.dataset import Dataset, Sample
from train.judging.by_group import by_group, faces_found

LEVELS = ("low", "mid", "high")


def people(traits: list[str], labels: list[int], *, each: int = 1) -> Dataset:
    """Subjects of one trait and label each."""
    samples = tuple(
        Sample(label, "", np.empty, group=f"{n}", traits={"skin": trait})
        for n, (trait, label) in enumerate(zip(traits, labels, strict=True))
        for _ in range(each)
    )
    return Dataset("people", LEVELS, samples)


def answers(engaged: list[float]) -> np.ndarray:
    """Between low and high, so that `engaged` is as given."""
    high = np.array(engaged)
    return np.column_stack([1 - high, np.zeros(len(high)), high]).astype(np.float32)


def test_each_group_has_its_figures_and_the_widest_gap_is_named_with_its_interval():
    traits = ["dark"] * 20 + ["light"] * 20 + ["tanned"] * 20
    labels = [0, 2] * 30
    given = answers([0.1, 0.7] * 10 + [0.1, 0.9] * 10 + [0.4, 0.8] * 10)
    table = by_group("skin", people(traits, labels), given, LEVELS)
    assert [row.name for row in table.rows] == ["dark", "light", "tanned"]
    assert [row.samples for row in table.rows] == [20, 20, 20]
    assert table["dark"]["mean engaged"].value == pytest.approx(0.4)
    # Read against the label: half of each group are low (0) and half high (1).
    assert table["dark"]["engaged over label"].value == pytest.approx(-0.1)
    (gap,) = [gap for gap in table.gaps if gap.figure == "engaged over label"]
    assert (gap.most, gap.least) == ("tanned", "dark")
    assert gap.value == pytest.approx(0.2)
    assert gap.low < gap.value < gap.high


def test_intervals_are_drawn_over_subjects_not_over_pictures():
    traits, labels = ["a"] * 12 + ["b"] * 12, [0, 2] * 12
    rng = np.random.default_rng(0)
    engaged = rng.random(24)
    once = by_group("skin", people(traits, labels), answers(list(engaged)), LEVELS)
    often = by_group("skin", people(traits, labels, each=30), answers(list(np.repeat(engaged, 30))), LEVELS)
    for table in (once, often):
        assert table["a"].subjects == 12
    width = [table["a"]["mean engaged"].high - table["a"]["mean engaged"].low for table in (once, often)]
    assert width[0] == pytest.approx(width[1], rel=0.02)


def test_people_of_whom_nothing_is_known_are_shown_but_make_no_gap():
    table = by_group("skin", people(["a", "b", ""] * 4, [0, 2, 0] * 4), answers([0.4, 0.5, 0.9] * 4), LEVELS)
    assert [row.name for row in table.rows] == ["a", "b", "(not given)"]
    assert all("(not given)" not in (gap.most, gap.least) for gap in table.gaps)
    assert "fewer than 10 subjects" in table.notes[0]


def test_a_figure_that_only_one_group_can_have_makes_no_gap():
    """Nobody of b is low, so nothing says how well low is told apart there."""
    table = by_group("skin", people(["a", "a", "b", "b"] * 3, [0, 2, 2, 2] * 3), answers([0, 1, 1, 1] * 3), LEVELS)
    assert np.isnan(table["b"]["AUC of low"].value)
    assert "AUC of low" not in {gap.figure for gap in table.gaps}
    assert "accuracy" in {gap.figure for gap in table.gaps}


def test_the_same_is_told_of_whether_the_device_finds_the_face(tmp_path, run_folder, capsys):
    """A portrait is found, a grey wall is not."""
    found = picture(tmp_path / "a.png", portrait())
    wall = picture(tmp_path / "b.png", np.full((200, 200), 128, np.uint8))
    rows = [(found, "low", "s1", "", "seen"), (wall, "high", "s2", "", "unseen"), (found, "mid", "s3", "", "seen")]
    manifest = write_csv(tmp_path / "m.csv", ("path", "label", "subject", "split", "which"), rows)
    assert faces_found(read(manifest)).tolist() == [True, False, True]
    words = ["evaluate", str(run_folder), "--data", str(manifest), "--by", "which", "--out", str(tmp_path / "out")]
    assert main([*words, "--as-seen", "--json"]) == 0
    seen, far = json.loads(capsys.readouterr().out)["comparisons"][1:]
    shares = {r["name"]: f["value"] for r in seen["rows"] for f in r["figures"] if f["name"] == "face found"}
    assert shares == {"seen": 1, "unseen": 0}
    assert {gap["figure"]: gap["value"] for gap in seen["gaps"]}["face found"] == 1
    assert far["title"] == "By which, 24 px"
    assert json.loads((tmp_path / "out" / "all-by-which.json").read_bytes()) == seen
    assert "widest gaps" in (tmp_path / "out" / "all.txt").read_text()


def test_further_columns_outlive_preparation_and_division(tmp_path):
    for n in range(6):
        picture(tmp_path / f"{n}.png", portrait() if n else face(1, 1))
    rows = [(f"{n}.png", LEVELS[n % 3], f"s{n}", n % 2, "yes") for n in range(6)]
    manifest = write_csv(tmp_path / "m.csv", ("path", "label", "subject", "glasses", "room"), rows)
    assert read(manifest).samples[1].traits == {"glasses": "1", "room": "yes"}
    assert main(["prepare", str(manifest), "--out", str(tmp_path / "cut")]) == 0
    prepared = read(tmp_path / "cut" / "manifest.csv")
    assert {sample.group: sample.traits["glasses"] for sample in prepared.samples}["s3"] == "1"
    assert replace(prepared.samples[0], split="train").traits == prepared.samples[0].traits


def test_a_column_that_is_not_there_is_one_message(run_folder, wacv, tmp_path, capsys):
    picture(tmp_path / "a.png", face(1, 1))
    manifest = write_csv(tmp_path / "m.csv", ("path", "label", "age"), [("a.png", "low", "9")])
    for data, held in ((wacv, "it has none"), (manifest, "it has age")):
        assert main(["evaluate", str(run_folder), "--data", str(data), "--by", "skin"]) == 2
        error = capsys.readouterr().err
        assert "has no further column 'skin'" in error
        assert held in error
