"""An interval over a handful of people says more of chance than of a network, so there is none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from layouts import wacv2016

from train.cli import main
from train.figures.change import compare
from train.figures.measures import measure


def of(draw, subjects):
    y = np.tile([0, 1], 30 * subjects)
    p = draw.dirichlet((1, 1), len(y))
    return measure(p, y, np.repeat(np.arange(subjects).astype(str), 60), ("a", "b"))


@pytest.mark.parametrize(("subjects", "drawn"), [(1, False), (4, False), (5, True)])
def test_below_five_subjects_a_figure_has_no_interval(draw, subjects, drawn):
    for figure in of(draw, subjects).figures:
        assert np.isfinite(figure.value)
        assert np.isfinite([figure.low, figure.high]).all() == drawn, figure


def test_nor_has_the_change_from_one_network_to_another(draw):
    y, groups = np.tile([0, 1], 40), np.repeat(["s1", "s2"], 40)
    p = draw.dirichlet((1, 1), len(y)).astype(np.float32)
    assert np.isnan(compare(y, groups, p, p, seed=0)["accuracy"]["change"].low)


def test_an_evaluation_on_two_people_says_why_it_has_none(run_folder, tmp_path, capsys):
    two = wacv2016(tmp_path / "two", subjects=2, each=3)
    assert main(["evaluate", str(run_folder), "--data", str(two), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "no interval: 2 subjects are fewer than 5" in printed
    assert "--folds" in printed
    assert "[" not in printed
    assert "nan" not in printed
    metrics = json.loads((tmp_path / "out" / "all.json").read_bytes())["metrics"]
    assert all(metric.get("low") is None and "no interval" in metric["note"] for metric in metrics)
