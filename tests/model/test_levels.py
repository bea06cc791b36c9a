"""The device goes by what labels are called and what the card says they mean, never by where they stand."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.config import Config
from edge.errors import Problem
from edge.flow import Faces, Frame
from edge.model import bundle
from edge.model.levels import level_matrix, read_levels
from edge.model.scores import Classifier
from edge.stages import Stages
from edge.verdicts import Verdicts
from edge.wiring import build_sensor, build_vision

GERMAN = ("aufmerksam 100 %", "gelangweilt", "müde")


class Sure(Classifier):
    """The shipped network under other labels; its answers are set, one share a label."""

    shares: tuple[float, ...] = (1, 0, 0)

    def probabilities(self, x):
        return np.tile(np.array(self.shares, np.float32), (len(x), 1))


def classifier(labels, levels):
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement")
    output = msgspec.structs.replace(loaded.card.output, labels=labels, levels=levels)
    return Sure(replace(loaded, card=msgspec.structs.replace(loaded.card, output=output)))


def told(model):
    """What the window is given of one face."""
    one = Faces(
        np.array([[5, 5, 40, 40]], np.float32), np.ones(1, np.float32), np.zeros((1, 6, 2), np.float32), np.r_[0]
    )
    return Verdicts(model, Stages()).on(Frame(np.zeros((60, 60, 3), np.uint8), 0.0, 0), one).probabilities[0].tolist()


def test_the_attentive_are_told_as_high_wherever_their_label_stands():
    model = classifier(GERMAN, {"low": ("gelangweilt",), "mid": ("müde",), "high": ("aufmerksam 100 %",)})
    assert told(model) == [0, 0, 1]


def test_labels_that_are_the_levels_themselves_need_no_word_in_any_order():
    assert told(classifier(("high", "low", "mid"), {})) == [0, 0, 1]


def test_labels_that_share_a_level_add_up():
    model = classifier(GERMAN, {"low": ("gelangweilt", "müde"), "high": ("aufmerksam 100 %",)})
    model.shares = (0.5, 0.25, 0.25)
    assert told(model) == [0.5, 0, 0.5]


def test_two_labels_leave_the_middle_empty():
    loaded = bundle.load(bundle.shipped("engagement"), kind="engagement").card.output
    two = msgspec.structs.replace(
        loaded, labels=("disengaged", "engaged"), levels={"low": ("disengaged",), "high": ("engaged",)}
    )
    assert level_matrix(two, "two").tolist() == [[1, 0, 0], [0, 0, 1]]


def edited(folder: Path, labels, **levels) -> Config:
    shutil.copytree(bundle.shipped("engagement"), folder)
    card = json.loads((folder / "card.json").read_text())
    card["output"] = {"activation": "logits", "labels": labels, **levels}
    (folder / "card.json").write_text(json.dumps(card))
    return msgspec.convert({"model": {"bundle": str(folder)}}, Config)


def start(config: Config):
    parts = {"vision": build_vision(config), "stages": Stages()}
    return build_sensor(config, next_seq=lambda: 0, publish=lambda _: None, **parts)


@pytest.mark.parametrize("labels", [("engaged", "bored", "other"), GERMAN, ("Low", "Mid", "High")])
def test_the_device_takes_no_card_that_leaves_the_levels_to_be_guessed(tmp_path, labels):
    with pytest.raises(Problem, match=rf"bundle does not say which of its labels \({labels[0]}.*--levels low="):
        start(edited(tmp_path / "bundle", labels))


def test_the_device_takes_a_card_that_says_them(tmp_path):
    levels = {"low": ["bored"], "mid": ["other"], "high": ["engaged"]}
    assert start(edited(tmp_path / "bundle", ("engaged", "bored", "other"), levels=levels))


def test_levels_are_said_by_name_with_spaces_or_commas():
    one = read_levels(["low=gelangweilt,mid=müde,high=aufmerksam 100 %"], GERMAN)
    assert one == read_levels(["high=aufmerksam 100 %", "low=gelangweilt", "mid=müde"], GERMAN)
    assert one == {"low": ("gelangweilt",), "mid": ("müde",), "high": ("aufmerksam 100 %",)}
    comma = read_levels(["low=sad, or tired", "low=bored", "high=keen"], ("sad, or tired", "bored", "keen"))
    assert comma == {"low": ("sad, or tired", "bored"), "high": ("keen",)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["low=bored"], "gives engaged, other no level"),
        (["low=bored", "mid=other", "mid=engaged"], "no label the level high"),
        (["low=bored", "high=bored", "mid=other", "high=engaged"], "gives 'bored' two levels"),
        (["low=asleep", "high=engaged"], "names 'asleep', which is no label"),
        (["top=engaged"], "'top=engaged' is not of the form"),
    ],
)
def test_levels_that_do_not_add_up_are_refused(words, said):
    with pytest.raises(Problem, match=said):
        read_levels(words, ("engaged", "bored", "other"))
