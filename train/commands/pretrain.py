"""`train pretrain --data DATA --out RUN`: train a network from scratch."""

from __future__ import annotations

import argparse
from pathlib import Path

from train.commands.learning import add_learning_options, learn
from train.commands.recipe_options import read_recipe
from train.learning.pretrain import PRETRAIN, pretrain

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_learning_options(parser, PRETRAIN)
    parser.add_argument("--teacher", type=Path, help="run folder of a larger network whose answers are learned too")


def run(arguments: argparse.Namespace) -> int:
    recipe = read_recipe(arguments)
    return learn(
        arguments,
        lambda dataset, folder, audit: pretrain(dataset, folder, recipe, teacher=arguments.teacher, audit=audit),
    )
