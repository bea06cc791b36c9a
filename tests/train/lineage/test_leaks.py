"""What any ancestor has seen is not forgotten by its descendants: people, data sets and pictures."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from layouts import face, picture, wacv2016, write_csv
from msgspec.structs import replace as changed
from shapes import QUICK, shapes

import convert.cli
from edge.model.card import Training
from edge.model.subjects import travelling
from train.cli import main
from train.datasets.dataset import Dataset, Sample
from train.judging.evaluate import evaluate
from train.judging.scorer import open_scorer, read_facts
from train.learning.pretrain import pretrain
from train.learning.transfer import transfer
from train.lineage.heritage import Heritage
from train.lineage.leaks import leaks

ONCE = changed(QUICK, epochs=1, select="last")


def people(who: str, count: int = 48, *, seed: int = 0, split: str = "") -> Dataset:
    drawn = shapes(count, seed=seed, split=False)
    samples = tuple(replace(s, group=f"{who} {s.group}", split=split) for s in drawn.samples)
    return replace(drawn, name=f"{who} set", provenance=f"{who} set, drawn", samples=samples)


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """A is taught by T and learns from Anna's; B goes on from A with Ben's, while it rehearses Rita's; C from B."""
    folder = tmp_path_factory.mktemp("runs")
    pretrain(people("Tom", seed=4), folder / "T", ONCE)
    pretrain(people("Anna", seed=1), folder / "A", ONCE, teacher=folder / "T")
    transfer(people("Ben", seed=2), folder / "A", folder / "B", ONCE, rehearse=people("Rita", seed=5))
    transfer(people("Cleo", seed=3), folder / "B", folder / "C", ONCE)
    return folder


def notes(run: Path, dataset: Dataset) -> str:
    return " | ".join(evaluate(open_scorer(run), dataset, split="").notes)


@pytest.mark.parametrize("who", ["Cleo", "Ben", "Anna", "Tom", "Rita"])
def test_people_of_every_generation_are_known_faces(runs, who):
    # Other pictures of them, in a data set of another name.
    again = replace(people(who, seed=77), name="again", provenance="again")
    assert "LEAKY" in notes(runs / "C", again)
    assert "8 of these 8 subjects" in notes(runs / "C", again)


def test_strangers_are_strangers(runs):
    said = notes(runs / "C", people("Zoe", seed=78))
    assert "LEAKY" not in said
    assert "none of these 8 subjects" in said


def test_pictures_of_an_ancestor_are_found_again_without_any_name(runs):
    def again(image):
        return lambda: cv2.flip(cv2.imdecode(cv2.imencode(".jpg", image)[1], 0), 1)

    anna = people("Anna", seed=1).samples
    unnamed = tuple(Sample(s.label, "again", again(s.load())) for s in anna)
    said = notes(runs / "C", Dataset("holiday", ("low", "mid", "high"), unnamed))
    assert "LEAKY" in said
    assert "near-identical to ones that the network, or what it learned from before, was trained on" in said


def test_a_cross_validation_that_starts_from_a_network_that_knows_them_all_says_so(tmp_path, capsys):
    wacv = wacv2016(tmp_path / "wacv", subjects=6, each=2)
    quick = ["--data", str(wacv), "--network", "cnn", "--side", "16", "--epochs", "1", "--warmup", "0"]
    assert main(["pretrain", *quick, "--out", str(tmp_path / "all")]) == 0
    capsys.readouterr()
    words = ["evaluate", "--folds", "2", *quick, "--from", str(tmp_path / "all"), "--out", str(tmp_path / "folds")]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "LEAKY: the start, all, was trained on 6 of these 6 subjects" in said
    assert "never saw" not in said


def test_a_card_names_every_generation_and_no_subject(runs, tmp_path):
    words = ["quantize", str(runs / "B"), "--float32", "-o", str(tmp_path / "card")]
    assert convert.cli.main(words) == 0
    text = (tmp_path / "card" / "card.json").read_text()
    training = json.loads(text)["training"]
    assert [one["data"] for one in training["ancestors"]] == ["Anna set, drawn", "Tom set, drawn", "Rita set, drawn"]
    assert [one["subjects"] for one in (training, *training["ancestors"])] == [8, 8, 8, 8]
    marks = [mark for who in ("Ben", "Anna", "Tom", "Rita") for mark in people(who).marks()]
    assert not [mark for mark in marks if mark in text]
    assert (
        "learned from before: Anna set, drawn; split: all samples; 8 subjects"
        in (tmp_path / "card" / "README.md").read_text()
    )
    # The card alone still calls the leak a leak.
    assert "LEAKY" in notes(tmp_path / "card", replace(people("Anna", seed=9), name="again"))


def test_a_network_made_from_the_shipped_one_keeps_its_seventeen_people():
    shipped = read_facts(Path(__file__).parents[3] / "train" / "weights" / "engagement" / "facts.json").training
    heritage = Heritage((Training(network="mine", parameters=1, data="mine", split="train"), shipped))
    wacv = tuple(Sample(0, "drawn", lambda: np.zeros((8, 8), np.uint8), f"subject {n:02d}") for n in range(1, 24))
    (said,) = [note for note in leaks(heritage, Dataset("cut again", ("low",), wacv), split="") if "LEAKY" in note]
    assert "what the network learned from before (WACV-2016 engagement" in said
    assert not shipped.subject_marks


def test_the_name_of_a_data_set_is_not_looked_for_inside_another(run_folder, tmp_path, capsys):
    rows = []
    for n in range(6):
        picture(tmp_path / f"{n}.png", face(500 + n, n % 3))
        rows.append((f"{n}.png", ("low", "mid", "high")[n % 3]))
    mine = write_csv(tmp_path / "W.csv", ("path", "label"), rows)
    assert main(["evaluate", str(run_folder), "--data", str(mine), "--out", str(tmp_path), "--json"]) == 0
    assert "LEAKY" not in " ".join(json.loads(capsys.readouterr().out)["notes"])


def test_prepared_folders_are_told_apart_though_each_manifest_is_called_manifest(tmp_path):
    from train.datasets import read

    for name in ("monday", "tuesday"):
        picture(tmp_path / name / "a.png", face(1, 0))
        write_csv(tmp_path / name / "manifest.csv", ("path", "label"), [("a.png", "low")])
    assert [read(tmp_path / n / "manifest.csv").name for n in ("monday", "tuesday")] == ["monday", "tuesday"]


@pytest.mark.parametrize(
    ("split", "leaky"), [("test", True), ("", True), ("train", True)], ids=["test", "everything", "train"]
)
def test_where_all_samples_were_trained_on_no_split_is_kept_apart(split, leaky):
    whole = Training(network="n", parameters=1, data="mine", datasets=("mine",), split="all samples")
    mine = Dataset("mine", ("low",), (Sample(0, "drawn", lambda: np.zeros((8, 8), np.uint8)),))
    said = leaks(Heritage((whole,)), mine, split=split)
    assert any("LEAKY" in note for note in said) == leaky
    part = changed(whole, split="train")
    assert not any("LEAKY" in note for note in leaks(Heritage((part,)), mine, split="test"))


def test_cards_and_runs_of_older_versions_are_still_read(run_folder, tmp_path):
    old = shutil.copytree(run_folder, tmp_path / "old")
    facts = read_facts(old / "facts.json")
    assert facts.training.subject_marks  # as they were written before
    assert not facts.training.datasets
    assert travelling(facts.training).subject_filter
