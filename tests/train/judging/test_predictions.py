"""`train compare` and `train calibrate`: what two evaluations say of each other, and of how sure a network may be."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.model.card import Facts, Input, Output
from edge.model.temperature import tempered
from train.cli import main
from train.judging.scorer import read_facts

LABELS = ("low", "mid", "high")


def predicted(folder: Path, p: np.ndarray, y: np.ndarray, groups: np.ndarray, *, name: str = "3-folds") -> Path:
    """As `train evaluate` leaves it behind."""
    place = folder / "predictions"
    place.mkdir(parents=True)
    with (place / f"{name}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["origin", "subject", "label", "predicted", *LABELS])
        for n, (row, label, subject) in enumerate(zip(p, y, groups, strict=True)):
            writer.writerow([f"{n}.png", subject, LABELS[label], LABELS[row.argmax()], *row])
    np.save(place / f"{name}_f.npy", p)
    return folder


@pytest.fixture
def answers(draw):
    """Honest answers on ten people."""
    p = draw.dirichlet(np.ones(3), 2000).astype(np.float32)
    y = np.array([draw.choice(3, p=row / row.sum()) for row in p.astype(float)])
    return p, y, np.array([f"s{n % 10}" for n in range(2000)])


@pytest.fixture
def run(tmp_path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    facts = Facts(
        kind="engagement",
        name="small",
        input=Input(width=48, height=48, channels=1, normalization="standard"),
        output=Output(labels=LABELS, activation="softmax"),
        licence="none",
        origin="tests",
        intended_use="tests",
    )
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts))
    return folder


def test_a_better_network_is_told_from_chance_on_the_same_samples(answers, tmp_path, capsys):
    p, y, groups = answers
    worse = np.where(np.arange(len(y))[:, None] % 4 == 0, np.roll(p, 1, axis=1), p)
    first, second = predicted(tmp_path / "a", worse, y, groups), predicted(tmp_path / "b", p, y, groups)
    assert main(["compare", str(first), str(second), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    accuracy = found["figures"]["accuracy"]
    assert accuracy["change"]["value"] == pytest.approx((p.argmax(1) == y).mean() - (worse.argmax(1) == y).mean())
    assert accuracy["change"]["low"] > 0
    assert found["subjects"] == 10
    assert main(["compare", str(first), str(second)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("accuracy"))
    assert "more than chance" in line
    assert main(["compare", str(second), str(second)]) == 0
    assert "more than chance" not in capsys.readouterr().out


def test_only_what_both_have_is_compared_in_whatever_order(answers, tmp_path, capsys):
    p, y, groups = answers
    first = predicted(tmp_path / "a", p, y, groups)
    second = predicted(tmp_path / "b", p[:1500], y[:1500], groups[:1500])
    assert main(["compare", str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert "1500 samples that both have" in said
    assert f"500 that only {first} has" in said
    assert "+0.0000" in said


def test_what_cannot_be_compared_is_said(answers, tmp_path, capsys):
    p, y, groups = answers
    first, nothing = predicted(tmp_path / "a", p, y, groups), tmp_path / "nothing"
    other = predicted(tmp_path / "b", p, (y + 1) % 3, groups)
    nothing.mkdir()
    two = predicted(tmp_path / "c", p, y, groups)
    shutil.copy(two / "predictions" / "3-folds_f.npy", two / "predictions" / "test_f.npy")
    for folder, sentence in ((nothing, "train evaluate"), (other, "differently"), (two, "3-folds, test; say which")):
        assert main(["compare", str(first), str(folder)]) == 2
        assert sentence in capsys.readouterr().err


def test_the_temperature_of_people_left_out_is_kept_with_its_proof(answers, run, tmp_path, capsys):
    p, y, groups = answers
    folds = [predicted(tmp_path / f"folds-{n}", tempered(p, 0.5), y, groups) for n in (0, 1)]
    for _ in range(2):  # the second time replaces the first
        assert main(["calibrate", str(run), "--folds-from", *map(str, folds)]) == 0
    said = capsys.readouterr().out
    assert "from 10 people left out of training" in said
    facts = read_facts(run / "facts.json")
    assert facts.output.temperature == pytest.approx(2, rel=0.1)
    figures = {metric.name: metric for metric in facts.metrics}
    assert len(figures) == len(facts.metrics) == 4
    before, after = (figures[f"calibration error {part} calibration"] for part in ("before", "after"))
    assert after.value < before.low
    assert before.low < before.value < before.high
    assert "2 cross-validations" in before.note


def test_a_temperature_from_too_few_people_or_from_nobody_named_is_refused(answers, run, tmp_path, capsys):
    p, y, _ = answers
    few = predicted(tmp_path / "few", p, y, np.array(["s1", "s2"] * 1000))
    unnamed = predicted(tmp_path / "unnamed", p, y, np.full(2000, ""))
    for folder, count in ((few, 2), (unnamed, 0)):
        assert main(["calibrate", str(run), "--folds-from", str(folder)]) == 2
        assert f"names {count} subjects" in capsys.readouterr().err
    assert read_facts(run / "facts.json").output.temperature == 1


def test_folds_of_other_labels_are_refused(answers, run, tmp_path, capsys):
    p, y, groups = answers
    facts = read_facts(run / "facts.json")
    others = msgspec.structs.replace(facts.output, labels=("a", "b", "c"))
    (run / "facts.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(facts, output=others)))
    assert main(["calibrate", str(run), "--folds-from", str(predicted(tmp_path / "a", p, y, groups))]) == 2
    assert "the same data and labels" in capsys.readouterr().err
