"""A transfer that keeps in mind what its source knew."""

import keras
import numpy as np
import pytest
from layouts import fer2013, wacv2016
from msgspec.structs import replace
from shapes import QUICK, assert_equal, shapes

from edge.errors import Problem
from train.cli import main
from train.judging.scorer import read_facts
from train.learning import curves
from train.learning.feed import Feed, material
from train.learning.pretrain import pretrain
from train.learning.rehearsal import batches, joined, old_pictures, rehearsal
from train.learning.run import load_model
from train.learning.transfer import transfer

KEEPING = replace(QUICK, rehearsal=0.5, select="last", mixup=0.0)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    pretrain(shapes(), folder, QUICK)
    return folder


@pytest.fixture
def expressions(tmp_path):
    return fer2013(tmp_path / "fer2013.csv", {"Training": 14, "PublicTest": 7})


def test_each_question_is_scored_on_its_own_pictures_alone(source, draw):
    old = rehearsal(shapes(seed=5), load_model(source), KEEPING)
    new = next(Feed(material(shapes(seed=6), KEEPING), replace(KEEPING, class_weights="capped", cap=1.4)).epoch(0))
    before = next(batches(old, KEEPING, 0))
    assert (len(new.x), len(before.x)) == (16, 8)
    x, targets, weights = joined(new, before)
    assert len(x) == 24
    logits = draw.normal(size=(24, 3)).astype(np.float32)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    for target, weight, own, rows in (
        (targets[0], weights[0], new, np.s_[:16]),
        (targets[1], weights[1], before, np.s_[16:]),
    ):
        together = float(loss(target, logits, sample_weight=weight))
        assert together == pytest.approx(float(loss(own.y, logits[rows], sample_weight=own.weights)), rel=1e-5)


def test_a_stopped_rehearsal_ends_with_the_weights_of_an_uninterrupted_one(source, tmp_path, monkeypatch):
    new, old, written = shapes(seed=1, split=False), shapes(seed=2), curves.write
    transfer(new, source, tmp_path / "whole", KEEPING, rehearse=old)

    def stop(history, folder):
        written(history, folder)
        if len(history) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(curves, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        transfer(new, source, tmp_path / "stopped", KEEPING, rehearse=old)
    monkeypatch.undo()
    transfer(new, source, tmp_path / "stopped", KEEPING, rehearse=old)
    assert_equal(tmp_path / "whole", tmp_path / "stopped")


def test_only_the_new_answer_is_kept_and_the_card_says_what_was_rehearsed(source, tmp_path):
    transfer(shapes(seed=1, split=False), source, tmp_path, replace(KEEPING, epochs=1), rehearse=shapes(seed=2))
    assert len(load_model(tmp_path).outputs) == 1
    assert "rehearsed: shapes" in read_facts(tmp_path / "facts.json").training.data


def test_what_the_source_never_answered_cannot_be_rehearsed(source, expressions):
    with pytest.raises(Problem, match="has 7 labels, but --from answers 3"):
        rehearsal(old_pictures(expressions), load_model(source), KEEPING)


def test_only_the_training_split_is_rehearsed(expressions):
    assert {sample.split for sample in old_pictures(expressions).samples} == {"train"}


def test_rehearsing_without_a_source_says_what_is_missing(expressions, tmp_path, capsys):
    faces = wacv2016(tmp_path / "wacv", subjects=4, each=2)
    words = ["evaluate", "--folds", "2", "--data", str(faces), "--rehearse", str(expressions)]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "give --from RUN" in capsys.readouterr().err
