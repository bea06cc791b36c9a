"""`train pretrain --data DATA --out RUN`: train a network from scratch."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from train.commands.learning import add_learning_options, learn
from train.commands.recipe_options import read_recipe
from train.datasets.dataset import Dataset
from train.learning.recipe import PRETRAIN, Recipe

if TYPE_CHECKING:
    from train.learning.checkpoint import Epoch

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_learning_options(parser, PRETRAIN)
    parser.add_argument("--teacher", type=Path, help="run folder of a larger network whose answers are learned too")


def run(arguments: argparse.Namespace) -> int:
    from train.learning.pretrain import pretrain

    def train(dataset: Dataset, folder: Path, recipe: Recipe, audit: str) -> list[Epoch]:
        return pretrain(dataset, folder, recipe, teacher=arguments.teacher, audit=audit)

    return learn(arguments, read_recipe(arguments), train)
