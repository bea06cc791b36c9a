"""Training runs: what they learn, what they keep, and that a kill costs an epoch at most."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace as replace_sample
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from shapes import QUICK, assert_equal, shapes, weights

from edge.errors import Problem
from edge.model.card import Facts
from train.datasets.dataset import Dataset, Sample
from train.judging.crossval import cross_validate, subject_folds
from train.judging.scorer import open_scorer
from train.learning.feed import Feed, class_weights, material
from train.learning.fit import rate_at
from train.learning.pretrain import pretrain, without_leaks
from train.learning.recipe import Recipe
from train.learning.run import load_model
from train.learning.transfer import transfer

ROOT = Path(__file__).parents[3]


def test_a_run_learns_and_leaves_everything_a_reader_needs(tmp_path):
    pretrain(shapes(192), tmp_path, replace(QUICK, epochs=10, augmentation="none"))
    for name in ("model.keras", "facts.json", "history.json", "curves.png", "options.json"):
        assert (tmp_path / name).stat().st_size > 0
    history = json.loads((tmp_path / "history.json").read_bytes())
    assert [epoch["epoch"] for epoch in history] == list(range(1, 11))
    assert max(epoch["val_accuracy"] for epoch in history) > 0.8
    unseen = shapes(64, seed=9)
    crops, labels = np.stack([s.load() for s in unseen.samples]), np.array([s.label for s in unseen.samples])
    scorer = open_scorer(tmp_path)
    assert isinstance(scorer.facts, Facts)
    assert (scorer.probabilities(crops).argmax(axis=1) == labels).mean() > 0.8


def test_the_kept_epoch_is_the_best_on_the_selection_split(tmp_path):
    dataset = shapes()
    history = pretrain(dataset, tmp_path, QUICK)
    held = dataset.only("validation").samples
    shares = open_scorer(tmp_path).probabilities(np.stack([s.load() for s in held]))
    accuracy = (shares.argmax(axis=1) == [s.label for s in held]).mean()
    assert accuracy == pytest.approx(max(epoch.val_accuracy for epoch in history))


def test_a_killed_run_ends_with_the_weights_of_an_uninterrupted_one(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    code = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]\n"
        "from pathlib import Path\n"
        "from shapes import QUICK, shapes\n"
        "from train.learning.pretrain import pretrain\n"
        "pretrain(shapes(), Path(sys.argv[3]), QUICK)\n"
    )
    command = [sys.executable, "-c", code, str(ROOT), str(ROOT / "tests")]
    child = subprocess.Popen([*command, str(killed)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while _epochs(killed) < 1:
            assert child.poll() is None, "the run ended before it could be killed"
            time.sleep(0.01)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    done = _epochs(killed)
    assert 1 <= done < QUICK.epochs
    assert not (killed / "model.keras").exists()
    for folder in (killed, whole):
        subprocess.run([*command, str(folder)], check=True, capture_output=True)
    assert _epochs(killed) == QUICK.epochs
    assert_equal(whole, killed)


def test_a_resume_at_any_epoch_gives_the_same_weights(tmp_path):
    """Stopped between epochs, in this process: the loop is the one of the run that was killed."""

    class Stop(Exception):
        pass

    from train.learning import curves

    dataset, written = shapes(), curves.write
    pretrain(dataset, tmp_path / "whole", QUICK)
    for epoch in (1, 3):

        def stop(history, folder, epoch=epoch):
            written(history, folder)
            if len(history) == epoch:
                raise Stop

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(curves, "write", stop)
            with pytest.raises(Stop):
                pretrain(dataset, tmp_path / f"stopped-{epoch}", QUICK)
        pretrain(dataset, tmp_path / f"stopped-{epoch}", QUICK)
        assert_equal(tmp_path / "whole", tmp_path / f"stopped-{epoch}")


def test_a_folder_with_other_options_is_not_overwritten(tmp_path):
    (tmp_path / "options.json").write_text('{"recipe": {"epochs": 3}}')
    with pytest.raises(Problem, match="epochs: 3 there, 4 now"):
        pretrain(shapes(), tmp_path, QUICK)


def test_a_broken_checkpoint_is_named(tmp_path):
    pretrain(shapes(), tmp_path, QUICK)
    (tmp_path / "checkpoint" / "state.npz").write_bytes(b"not a checkpoint")
    with pytest.raises(Problem, match=r"state\.npz"):
        pretrain(shapes(), tmp_path, QUICK)


def test_early_stopping_ends_a_run_that_gets_no_better(tmp_path):
    patient = replace(QUICK, epochs=30, rate=1e-9, patience=2, averaging=0.0)
    scores = [epoch.val_accuracy for epoch in pretrain(shapes(), tmp_path, patient)]
    assert len(scores) < 30
    # Of equals the later counts as best, so a stop means that two epochs were worse.
    assert max(scores[-2:]) < max(scores) or len(set(scores)) == 1


def test_soft_labels_teach_a_second_output_that_the_kept_model_does_not_have(tmp_path):
    voting = replace(QUICK, votes=0.5, epochs=2)
    pretrain(shapes(votes=True), tmp_path, voting)
    assert len(load_model(tmp_path).outputs) == 1


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_teacher_changes_what_is_learned(tmp_path, precision):
    dataset, short = shapes(), replace(QUICK, epochs=1, precision=precision)
    pretrain(dataset, tmp_path / "teacher", QUICK)
    pretrain(dataset, tmp_path / "alone", short)
    pretrain(dataset, tmp_path / "pupil", short, teacher=tmp_path / "teacher")
    first = zip(weights(tmp_path / "alone"), weights(tmp_path / "pupil"), strict=True)
    assert any((a != b).any() for a, b in first)


def test_a_transfer_starts_from_the_source_and_leaves_frozen_layers_alone(tmp_path):
    dataset = shapes(split=False)
    pretrain(shapes(), tmp_path / "source", QUICK)
    slow = replace(QUICK, epochs=1, select="last")
    transfer(dataset, tmp_path / "source", tmp_path / "target", slow, freeze=("conv",))
    source, target = load_model(tmp_path / "source"), load_model(tmp_path / "target")
    for name in ("conv1", "conv1_norm", "conv2"):
        for a, b in zip(source.get_layer(name).get_weights(), target.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    moved = np.abs(source.get_layer("dense1").get_weights()[0] - target.get_layer("dense1").get_weights()[0])
    assert 0 < moved.max() < 0.5


def test_a_transfer_between_strangers_is_refused(tmp_path):
    pretrain(shapes(), tmp_path / "source", replace(QUICK, epochs=1))
    other = replace(QUICK, network="edge-net")
    with pytest.raises(Problem, match="No layer"):
        transfer(shapes(), tmp_path / "source", tmp_path / "target", other)


def test_class_weights_can_be_inverse_capped_or_none():
    labels = np.repeat([0, 1, 2], [10, 60, 30])
    inverse = class_weights(labels, 3, Recipe(class_weights="inverse"))
    np.testing.assert_allclose(inverse, [100 / 30, 100 / 180, 100 / 90], rtol=1e-6)
    assert inverse[labels].mean() == pytest.approx(1)
    np.testing.assert_allclose(
        class_weights(labels, 3, Recipe(class_weights="capped", cap=2)), [2, 100 / 180, 100 / 90], rtol=1e-6
    )
    np.testing.assert_array_equal(class_weights(labels, 3, Recipe(class_weights="none")), [1, 1, 1])


def test_an_epoch_is_fed_the_same_each_time_and_another_one_otherwise():
    feed = Feed(material(shapes().only("train"), QUICK), QUICK)
    first, again, other = (list(feed.epoch(number)) for number in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.x, b.x)
        np.testing.assert_array_equal(a.y, b.y)
    assert any((a.x != b.x).any() for a, b in zip(first, other, strict=True))
    assert all(np.allclose(batch.y.sum(axis=1), 1, atol=1e-5) for batch in first)


def test_the_rate_warms_up_and_leaves_along_a_cosine():
    rates = [rate_at(step, 10, Recipe(epochs=10, warmup=2, rate=0.4)) for step in range(100)]
    assert rates[:20] == sorted(rates[:20])
    assert max(rates) == pytest.approx(0.4)
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert rates[-1] < 0.002


def test_training_samples_with_a_twin_in_another_split_are_left_out():
    dataset = shapes(40)
    twin = dataset.samples[4]  # a validation sample
    leak = Sample(twin.label, "leak", twin.load, group="subject 99", split="train")
    leaking = Dataset(dataset.name, dataset.labels, (*dataset.samples, leak))
    kept, dropped = without_leaks(leaking)
    assert dropped >= 1
    assert "leak" not in {sample.origin for sample in kept.samples}
    assert {sample.origin for sample in dataset.only("validation").samples} <= {s.origin for s in kept.samples}


def test_no_subject_is_in_two_folds_and_every_fold_has_the_rare_label():
    dataset = shapes(split=False)
    folds = subject_folds(dataset, 4, seed=0)
    of: dict[str, set[int]] = {}
    for sample, fold in zip(dataset.samples, folds, strict=True):
        of.setdefault(sample.group, set()).add(int(fold))
    assert all(len(found) == 1 for found in of.values())
    labels = np.array([sample.label for sample in dataset.samples])
    assert {int(fold) for fold in folds[labels == 0]} == {0, 1, 2, 3}


def test_in_cross_validation_no_network_scores_a_subject_it_has_seen(tmp_path):
    dataset, seen = shapes(48, split=False), []
    also = tuple(replace_sample(sample, origin="also") for sample in shapes(16, seed=3, split=False).samples)
    recipe = replace(QUICK, epochs=1, select="last")

    def train(part: Dataset, folder: Path) -> None:
        seen.append(set(part.groups()))
        assert any(sample.origin == "also" for sample in part.samples)
        pretrain(part, folder, recipe)

    score, arrays = cross_validate(dataset, tmp_path, train, folds=2, seed=0, also=also)
    folds = subject_folds(dataset, 2, seed=0)
    for fold in (0, 1):
        assert not seen[fold] & set(arrays.groups[folds == fold])
        own = open_scorer(tmp_path / f"fold-{fold + 1}").probabilities(arrays.x[folds == fold])
        np.testing.assert_allclose(score(arrays.x)[folds == fold], own, atol=1e-5)
    assert arrays.y.tolist() == [sample.label for sample in dataset.samples]


def _epochs(folder: Path) -> int:
    try:
        return len(json.loads((folder / "history.json").read_bytes()))
    except (OSError, ValueError):
        return 0
