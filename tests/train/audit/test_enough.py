"""From too few labels, pictures or people nothing is learned and nothing shown; that is said before the work."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from layouts import face, picture, write_csv

from edge.errors import Problem
from train.audit.audit import audit
from train.audit.divide import divided, units
from train.cli import main
from train.datasets.dataset import Dataset, Sample
from train.judging.crossval import subject_folds

QUICK = ("--network", "cnn", "--side", "16", "--epochs", "1", "--warmup", "0")


def table(folder: Path, rows) -> str:
    """Rows of label, subject and split."""
    lines = [(picture(folder / f"{n}.png", face(n, n % 3)), *row) for n, row in enumerate(rows)]
    return str(write_csv(folder / "own.csv", ("path", "label", "subject", "split"), lines))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("calm", f"s{n % 4}", "") for n in range(12)], "there is nothing to tell apart"),
        ([(("low", "high")[n % 2], f"s{n % 4}", "") for n in range(12)], "has no pictures to train on .* labelled mid"),
        ([("calm", "s1", ""), ("busy", "s2", "")], "has 1 pictures to train on that are labelled busy"),
        (
            [(("busy", "calm")[n % 2], "s1", "train") for n in range(12)] + [("lost", "s2", "test")] * 5,
            "no pictures to train on that are labelled lost",
        ),
    ],
    ids=["one class", "an empty class", "two pictures", "a class in the test split only"],
)
def test_what_cannot_be_learned_is_refused(tmp_path, capsys, rows, said):
    words = ["pretrain", "--data", table(tmp_path, rows), "--out", str(tmp_path / "run"), *QUICK, "--allow"]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert re.search(said, captured.err), captured.err
    assert "epoch 1" not in captured.err


def test_one_subject_is_warned_of_before_the_training(tmp_path, capsys):
    data = table(tmp_path, [(("busy", "calm")[n % 2], "s1", "") for n in range(12)])
    assert main(["pretrain", "--data", data, "--out", str(tmp_path / "run"), *QUICK]) == 0
    printed = capsys.readouterr().err
    assert printed.index("one subject: All pictures of the data show one subject") < printed.index("epoch 1")


def drawn(*people: str, sessions: tuple[str, ...] = ("",)) -> Dataset:
    samples = [
        Sample(n % 2, f"{who} {day} {n}", lambda n=n: face(n, n % 2), group=who, session=day)
        for who in people
        for day in sessions
        for n in range(4)
    ]
    return Dataset("drawn", ("busy", "calm"), tuple(samples))


def test_no_split_that_is_asked_for_stays_empty():
    splits = {sample.group: sample.split for sample in divided(drawn("a", "b", "c"), (70, 15, 15)).samples}
    assert set(splits.values()) == {"train", "validation", "test"}
    with pytest.raises(Problem, match="2 subjects that must stay whole: too few for 3 splits"):
        divided(drawn("a", "b"), (70, 15, 15))
    assert {sample.split for sample in divided(drawn("a", "b"), (70, 30, 0)).samples} == {"train", "validation"}
    with pytest.raises(Problem, match="three shares"):
        divided(drawn("a", "b", "c"), (70, float("nan"), 15))


def two_classes() -> Dataset:
    """Anna and Ben share a lesson, Cleo and Dan another; Eve has one of her own and Fay two."""
    pairs = [("anna", "1a"), ("ben", "1a"), ("cleo", "2b"), ("dan", "2b"), ("eve", "3c"), ("fay", "4d"), ("fay", "5e")]
    samples = tuple(
        Sample(n % 2, f"{who} {day} {n}", lambda: face(1, 0), group=who, session=day)
        for who, day in pairs
        for n in (0, 1)
    )
    return Dataset("lessons", ("busy", "calm"), samples)


@pytest.mark.parametrize(("whole", "count"), [("subject", 6), ("session", 5), ("both", 4)])
def test_what_stays_whole_is_the_subject_the_session_or_both(whole, count):
    dataset = replace(two_classes(), whole=whole)
    assert len(set(units(dataset).tolist())) == count
    parts = divided(dataset, (50, 25, 25)).samples
    for kind in ("group", "session") if whole == "both" else ("group",) if whole == "subject" else ("session",):
        splits = {}
        for sample in parts:
            splits.setdefault(getattr(sample, kind), set()).add(sample.split)
        assert all(len(found) == 1 for found in splits.values()), kind


def test_folds_keep_sessions_whole_too():
    folds = subject_folds(two_classes(), 4, seed=0)
    where = {}
    for sample, fold in zip(two_classes().samples, folds.tolist(), strict=True):
        where.setdefault(sample.session, set()).add(fold)
    assert all(len(found) == 1 for found in where.values())
    with pytest.raises(Problem, match=r"4 subjects \(or sessions\) that must stay whole; 5 folds"):
        subject_folds(two_classes(), 5, seed=0)


def test_sessions_on_both_sides_of_a_split_and_empty_labels_are_warned_of():
    dataset = drawn("a", "b", "c", "d", sessions=("mo",))
    samples = [replace(s, split="train" if s.group < "c" else "test") for s in dataset.samples]
    found = audit(replace(dataset, samples=tuple(s for s in samples if s.split == "train" or s.label)))
    kinds = {finding.kind: finding for finding in found.findings}
    assert "1 sessions are in more than one split: mo" in kinds["sessions in two splits"].text
    assert kinds["empty label"].text == "No picture of split 'test' is labelled 'busy'."


def test_dropping_leaks_is_not_advised_to_whoever_dropped_them(tmp_path, capsys):
    rows = [(("busy", "calm")[n % 2], f"s{n % 4}", ("train", "test")[n > 8]) for n in range(12)]
    words = ["pretrain", "--data", table(tmp_path, rows), "--out", str(tmp_path / "run"), *QUICK, "--drop-leaks"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "The same people are in two splits" in said
    assert "--divide" in said
    assert "Use --drop-leaks" not in said


def test_without_sessions_a_seed_deals_subjects_out_as_it_always_has():
    names = ["zoe", "ann", "max", "eva", "tim", "ida", "bob", "liv", "kai"]
    samples = tuple(Sample(n * n % 3, str(n), lambda: face(1, 0), group=names[n * 5 % 9]) for n in range(90))
    dataset = Dataset("drawn", ("a", "b", "c"), samples)
    folds = dict(zip((s.group for s in samples), subject_folds(dataset, 3, seed=0).tolist(), strict=True))
    assert [folds[name] for name in names] == [1, 2, 2, 0, 1, 0, 2, 1, 0]
    splits = {sample.group: sample.split for sample in divided(dataset, (60, 20, 20), seed=1).samples}
    assert {name for name in names if splits[name] == "validation"} == {"zoe", "liv"}
    assert {name for name in names if splits[name] == "test"} == {"max"}
