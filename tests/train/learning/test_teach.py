"""A pupil that learns to say of a face seen from far away what its teacher says of it near."""

import numpy as np
import pytest
from layouts import wacv2016
from msgspec.structs import replace
from shapes import QUICK, SIZE, assert_equal, shapes, weights

from edge.errors import Problem
from train.cli import main
from train.datasets.dataset import Dataset, Sample
from train.judging.scorer import read_facts
from train.learning import curves
from train.learning.feed import Feed, material, pixels
from train.learning.pretrain import pretrain
from train.learning.recipe import Recipe, check
from train.learning.run import load_model
from train.learning.teach import teach
from train.learning.transfer import transfer

FAR = replace(QUICK, far=0.5, select="last", mixup=0.0, smoothing=0.0, distill=0.75)


@pytest.fixture(scope="module")
def near(tmp_path_factory):
    folder = tmp_path_factory.mktemp("near")
    pretrain(shapes(), folder, QUICK)
    return folder


def says(folder, crops):
    return load_model(folder).predict(pixels(crops, QUICK), verbose=0)


def test_far_faces_are_fed_and_a_teacher_sees_the_same_ones_near():
    plain = replace(QUICK, mixup=0.0, augmentation="none")
    (usual,) = [batch for number, batch in enumerate(Feed(material(shapes(), plain), plain).epoch(0)) if not number]
    far = next(Feed(material(shapes(), plain), replace(plain, far=1.0)).epoch(0))
    np.testing.assert_array_equal(far.near, usual.x)
    np.testing.assert_array_equal(usual.near, usual.x)
    moved = np.abs(far.x - usual.x).max(axis=(1, 2, 3))
    assert (moved > 0).mean() > 0.5
    some = next(Feed(material(shapes(), plain), replace(plain, far=0.25)).epoch(0))
    assert 0 < (np.abs(some.x - usual.x).max(axis=(1, 2, 3)) > 0).mean() < 0.6


def test_a_label_is_shared_with_the_teacher_and_without_one_the_teacher_decides(near):
    labelled, more = shapes(seed=1, split=False), shapes(32, seed=2, split=False)
    plain = replace(FAR, far=0.0, augmentation="none", class_weights="capped", cap=1.4)
    taught = teach(material(labelled, plain), (near,), more, plain)
    answers = says(near, taught.crops)
    np.testing.assert_allclose(taught.answers, answers, atol=1e-5)
    assert (taught.labels[-32:] == -1).all()
    batch = next(Feed(taught, replace(plain, batch=len(taught))).epoch(0))
    order = np.array([np.abs(pixels(taught.crops, plain) - x).sum(axis=(1, 2, 3)).argmin() for x in batch.x])
    certain = np.eye(3)[taught.labels[order]]
    share = np.where(taught.labels[order] < 0, 1, 0.75)[:, None]
    np.testing.assert_allclose(batch.y, (1 - share) * certain + share * answers[order], atol=1e-5)
    assert set(batch.weights[taught.labels[order] < 0]) == {1}
    assert len(set(batch.weights[taught.labels[order] >= 0])) > 1


def test_several_teachers_answer_with_their_mean(near, tmp_path):
    pretrain(shapes(seed=7), tmp_path, replace(QUICK, epochs=1, seed=3))
    given = material(shapes(seed=1), FAR)
    both = teach(given, (near, tmp_path), None, FAR).answers
    np.testing.assert_allclose(both, (says(near, given.crops) + says(tmp_path, given.crops)) / 2, atol=1e-5)


def test_a_copy_begins_with_all_that_the_network_says_and_the_card_names_what_it_learned_from(near, tmp_path):
    still = replace(FAR, epochs=1, rate=1e-9, averaging=0.0)
    transfer(shapes(seed=1, split=False), near, tmp_path, still, teachers=(near,), unlabelled=shapes(seed=2))
    crops = material(shapes(seed=3), QUICK).crops
    assert (says(tmp_path, crops).argmax(1) == says(near, crops).argmax(1)).mean() > 0.9
    assert "unlabelled: shapes" in read_facts(tmp_path / "facts.json").training.data


def test_a_copy_may_keep_a_share_of_the_weights_it_began_with(near, tmp_path):
    short = replace(FAR, epochs=1)
    for name, kept in (("free", 0.0), ("keeping", 0.25)):
        transfer(shapes(seed=1, split=False), near, tmp_path / name, replace(short, kept=kept), teachers=(near,))
    for began, free, keeping in zip(*map(weights, (near, tmp_path / "free", tmp_path / "keeping")), strict=True):
        np.testing.assert_allclose(keeping, 0.25 * began + 0.75 * free, rtol=1e-5, atol=1e-6)


def test_a_stopped_pupil_ends_with_the_weights_of_an_uninterrupted_one(near, tmp_path, monkeypatch):
    def learn(folder):
        transfer(shapes(seed=1, split=False), near, folder, FAR, teachers=(near,), unlabelled=shapes(seed=2))

    written = curves.write
    learn(tmp_path / "whole")

    def stop(history, folder):
        written(history, folder)
        if len(history) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(curves, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path / "stopped")
    monkeypatch.undo()
    learn(tmp_path / "stopped")
    assert_equal(tmp_path / "whole", tmp_path / "stopped")


def test_a_teacher_of_another_question_is_refused(near):
    image = np.zeros((SIZE, SIZE), np.uint8)
    two = Dataset("two", ("no", "yes"), tuple(Sample(n % 2, str(n), lambda: image) for n in range(4)))
    with pytest.raises(Problem, match="something else than its pupil"):
        teach(material(two, FAR), (near,), None, FAR)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_the_share_of_far_faces_is_a_share(share):
    with pytest.raises(Problem, match="--far"):
        check(Recipe(far=share))


def test_unlabelled_faces_need_a_teacher(near, tmp_path, capsys):
    data = str(wacv2016(tmp_path, subjects=3, each=2))
    arguments = ["--data", data, "--from", str(near), "--unlabelled", data, "--out", str(tmp_path / "run")]
    assert main(["transfer", *arguments]) == 2
    assert "give --teacher" in capsys.readouterr().err
