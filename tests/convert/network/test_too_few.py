"""Quantizing on what shows too little is refused, and comparing on it says what it does not show."""

import json

import numpy as np
import pytest
from stripes import LABELS, pictures

from convert.cli import main


def arrays(file, y, split, groups=None):
    x = pictures(len(y), seed=1)[0]
    more = {} if groups is None else {"groups": np.array(groups)}
    np.savez(file, x=x, y=np.array(y, np.int64), split=np.array(split), labels=np.array(LABELS), **more)
    return file


def quantize(run_folder, data, tmp_path):
    return main(["quantize", str(run_folder), "--calibration", str(data), "-o", str(tmp_path / "made")])


@pytest.mark.parametrize(
    ("y", "said"),
    [([0, 1] * 20, "no picture to calibrate on that is labelled flat"), ([0, 1], "has 2 pictures to calibrate on")],
    ids=["an empty class", "two pictures"],
)
def test_calibration_on_an_empty_class_or_two_pictures_is_refused(run_folder, tmp_path, capsys, y, said):
    data = arrays(tmp_path / "few.npz", y, ["train"] * len(y))
    assert quantize(run_folder, data, tmp_path) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_a_comparison_that_lacks_a_label_or_a_second_person_says_so(run_folder, tmp_path, capsys):
    y = [0, 1, 2] * 10 + [0, 1] * 10
    people = [f"s{n % 5}" for n in range(30)] + ["alone"] * 20
    data = arrays(tmp_path / "d.npz", y, ["train"] * 30 + ["validation"] * 20, people)
    assert quantize(run_folder, data, tmp_path) == 0
    printed = capsys.readouterr().out
    assert "NOTE  no picture compared is labelled flat" in printed
    assert "NOTE  all pictures compared show one subject" in printed
    metrics = json.loads((tmp_path / "made" / "card.json").read_bytes())["metrics"]
    assert metrics
    assert all("low" not in metric for metric in metrics)


def test_a_comparison_on_nothing_says_so(run_folder, tmp_path, capsys):
    data = arrays(tmp_path / "d.npz", [0, 1, 2] * 10, ["train"] * 30)
    assert quantize(run_folder, data, tmp_path) == 0
    assert "NOTE  nothing was compared with the float network" in capsys.readouterr().out
