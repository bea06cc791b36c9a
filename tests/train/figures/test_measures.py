"""The figures are those of scikit-learn, and their intervals are over subjects."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from train.figures.measures import measure

LEVELS = ("low", "mid", "high")


def answers(draw, count=600, *, labels=3):
    y = draw.integers(0, labels, count)
    p = draw.dirichlet(np.ones(labels), count)
    p[np.arange(count), y] += 0.4
    return (p / p.sum(axis=1, keepdims=True)).round(2), y, draw.integers(0, 9, count).astype(str)


def test_figures_are_those_of_scikit_learn(draw):
    p, y, groups = answers(draw)
    found, guess = measure(p, y, groups, LEVELS), p.argmax(axis=1)
    expected = {
        "accuracy": (guess == y).mean(),
        "macro-F1": f1_score(y, guess, average="macro"),
        "weighted F1": f1_score(y, guess, average="weighted"),
        "balanced accuracy": balanced_accuracy_score(y, guess),
        "AUC of low": roc_auc_score(y == 0, p[:, 0]),
        "macro AUC": np.mean([roc_auc_score(y == n, p[:, n]) for n in range(3)]),
        "recall of high": (guess[y == 2] == 2).mean(),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value), name
        assert found[name].low <= found[name].value <= found[name].high
    assert np.array(found.confusion).sum() == len(y)
    assert sum(n for _, _, n in found.calibration) == len(y)


def test_two_labels_have_one_f1_and_one_auc(draw):
    p, y, groups = answers(draw, labels=2)
    found = measure(p, y, groups, ("disengaged", "engaged"))
    assert found["AUC"].value == pytest.approx(roc_auc_score(y, p[:, 1]))
    assert found["F1 of engaged"].value == pytest.approx(f1_score(y, p.argmax(axis=1)))


def test_calibration_error_is_zero_for_a_calibrated_network_and_large_for_a_boaster(draw):
    sure = draw.uniform(0.5, 1, 8000)
    y = (draw.random(8000) < sure).astype(int)
    alone = np.full(len(y), "")
    honest = measure(np.c_[1 - sure, sure], y, alone, ("a", "b"))
    boaster = measure(np.eye(2)[np.ones(len(y), int)], y, alone, ("a", "b"))
    assert honest["calibration error"].value < 0.03
    assert boaster["calibration error"].value == pytest.approx(0.25, abs=0.02)


def test_intervals_over_few_subjects_are_wider_than_over_as_many_pictures(draw):
    # Each subject is either always right or always wrong.
    groups = np.repeat(np.arange(10).astype(str), 60)
    y = draw.integers(0, 2, 600)
    guess = np.where(groups.astype(int) < 7, y, 1 - y)
    by_subject = measure(np.eye(2)[guess], y, groups, ("a", "b"))
    by_picture = measure(np.eye(2)[guess], y, np.full(600, ""), ("a", "b"))
    assert by_subject.drawn_over == "subjects"
    assert by_picture.drawn_over == "samples"
    wide, narrow = by_subject["accuracy"], by_picture["accuracy"]
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)


def test_a_label_that_does_not_occur_spoils_no_figure(draw):
    p, y, groups = answers(draw)
    found = measure(p[y < 2], y[y < 2], groups[y < 2], LEVELS)
    assert np.isnan(found["recall of high"].value)
    assert found["balanced accuracy"].value == pytest.approx(balanced_accuracy_score(y[y < 2], p[y < 2].argmax(axis=1)))
    assert found["macro AUC"].value > 0.5
