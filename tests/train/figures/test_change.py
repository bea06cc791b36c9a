"""Two networks on the same samples: both, and what one gives for the other."""

from __future__ import annotations

import numpy as np

from train.figures.change import compare


def test_intervals_over_subjects_are_wider_than_over_pictures():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(10), 100)
    right = random.random(1000) < np.linspace(0.3, 0.9, 10)[groups]  # subjects differ a lot
    y = random.integers(0, 2, 1000)
    p = np.eye(2, dtype=np.float32)[np.where(right, y, 1 - y)]
    by_subject = compare(y, groups.astype(str), p, p, seed=0)["accuracy"]["after"]
    by_picture = compare(y, np.empty(0, np.str_), p, p, seed=0)["accuracy"]["after"]
    assert by_subject.high - by_subject.low > 2 * (by_picture.high - by_picture.low)


def test_the_change_of_two_alike_is_surer_than_either():
    random = np.random.default_rng(0)
    y = random.integers(0, 3, 900)
    before = (random.dirichlet(np.ones(3), 900) + 0.4 * np.eye(3)[y]).astype(np.float32)
    after = before + np.float32(1e-3) * random.normal(size=before.shape).astype(np.float32)
    found = compare(y, np.repeat(np.arange(30), 30).astype(str), before, after, seed=0)
    for figure in found.values():
        assert figure["change"].value == figure["after"].value - figure["before"].value
        assert figure["change"].high - figure["change"].low < 0.2 * (figure["after"].high - figure["after"].low)


def test_of_a_single_label_no_auc_is_told(draw):
    p = draw.dirichlet((1, 1), 40).astype(np.float32)
    assert set(compare(np.zeros(40, np.int64), np.empty(0, np.str_), p, p, seed=0)) == {"accuracy", "macro-F1"}
