"""Whom a network fails, by name, the weakest first."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from train.figures.by_subject import by_subject

LABELS = ("low", "mid", "high")


def test_every_subject_has_figures_of_their_own(draw):
    y, guess, groups = draw.integers(0, 3, 300), draw.integers(0, 3, 300), draw.integers(0, 4, 300).astype(str)
    y[groups == "2"] = 1  # shows one label only
    found = {one.subject: one for one in by_subject(guess, y, groups, LABELS)}
    assert list(found) == sorted(found, key=lambda name: found[name].accuracy)
    for name, one in found.items():
        rows = groups == name
        assert one.samples == rows.sum()
        assert one.accuracy == pytest.approx((guess == y)[rows].mean())
        assert one.recall["mid"] == pytest.approx((guess == 1)[rows & (y == 1)].mean())
    whole = groups == "1"
    assert found["1"].macro_f1 == pytest.approx(f1_score(y[whole], guess[whole], average="macro"))
    assert found["2"].recall["low"] is None


def test_nobody_is_listed_where_nobody_is_named(draw):
    y = draw.integers(0, 3, 30)
    assert by_subject(y, y, np.full(30, ""), LABELS) == ()
