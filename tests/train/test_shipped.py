"""`make model`: its commands are ones that `train` understands, and what ships says no path."""

import argparse
import importlib
from pathlib import Path

import pytest

from edge.model.card import Metric, Reliability
from train.commands.recipe_options import read_recipe
from train.judging.scorer import read_facts
from train.shipped import Folds, commands, cross_validated, reliable, ship

COMMANDS = commands(Path("data"), Path("runs"), "bfloat16")
WEIGHTS = Path(__file__).parents[2] / "train" / "weights"


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(command[:2]) for command in COMMANDS])
def test_every_command_is_understood(command):
    module = importlib.import_module(f"train.commands.{command[0]}")
    parser = argparse.ArgumentParser(exit_on_error=False)
    module.add_arguments(parser)
    arguments = parser.parse_args(command[1:])
    if command[0] in {"pretrain", "transfer"}:
        assert read_recipe(arguments).precision == "bfloat16"


def test_the_expressions_are_learned_with_votes_and_the_engagement_without_early_choice():
    parsed = {}
    for command in COMMANDS:
        if command[0] in {"pretrain", "transfer"}:
            parser = argparse.ArgumentParser()
            importlib.import_module(f"train.commands.{command[0]}").add_arguments(parser)
            parsed[command[0]] = read_recipe(parser.parse_args(command[1:]))
    assert parsed["pretrain"].votes == 0.5
    assert parsed["transfer"].votes == 0
    assert parsed["transfer"].select == "last"


def test_the_card_gives_the_mean_over_all_seeds():
    folds = []
    for value in (0.5, 0.6, 0.7):
        figure = Metric(name="accuracy", value=value, low=value - 0.1, high=value + 0.1, data="some", split="3-folds")
        folds.append(Folds([figure], [Reliability(height=16, auc=value, spread=0.3, shared=value / 10)]))
    (mean,) = cross_validated(folds)
    assert (mean.value, mean.low, mean.high) == (0.6, 0.5, 0.7)
    assert "seeds 0, 1, 2" in mean.note
    assert reliable(folds) == (Reliability(height=16, auc=0.6, spread=0.3, shared=0.06),)


@pytest.mark.parametrize("name", ["expressions", "engagement"])
def test_shipping_copies_the_run_and_leaves_its_place_out(tmp_path, name):
    metric = Metric(name="accuracy", value=0.5, data="some", split="5-folds")
    row = Reliability(height=16, auc=0.8, spread=0.3, shared=0.1)
    ship(WEIGHTS / name, tmp_path / name, [metric], (row,))
    facts = read_facts(tmp_path / name / "facts.json")
    assert facts.kind == name
    assert metric in facts.metrics
    assert facts.reliability == (row,)
    assert facts.training.parameters <= 1_000_000
    assert facts.training.command == "make model DATA=..."
    assert not facts.training.subject_marks
    assert (tmp_path / name / "model.keras").stat().st_size < 4_000_000


@pytest.mark.parametrize("name", ["expressions", "engagement"])
def test_what_ships_says_what_its_data_mean_for_commercial_use(tmp_path, name):
    ship(WEIGHTS / name, tmp_path / name)
    for facts in (read_facts(tmp_path / name / "facts.json"), read_facts(WEIGHTS / name / "facts.json")):
        assert "grant no right to commercial use" in facts.licence
        assert "FER-2013" in facts.licence


def test_what_is_measured_in_folds_is_the_kind_that_ships():
    calibrate = next(command for command in COMMANDS if command[0] == "calibrate")
    far = [command for command in COMMANDS if "--from-folds" in command]
    assert calibrate[calibrate.index("--folds-from") + 1 :] == [command[command.index("--out") + 1] for command in far]
    assert COMMANDS.index(calibrate) == len(COMMANDS) - 1
    ships = next(command for command in COMMANDS if command[-2:] == ["--out", calibrate[1]])
    for command in far:
        near = COMMANDS[COMMANDS.index(command) - 1]
        assert near[near.index("--out") + 1] == command[command.index("--from-folds") + 1]
        assert set(ships) - set(command) == {"transfer", "--from", "--teacher", *ships[2:3], calibrate[1]}
