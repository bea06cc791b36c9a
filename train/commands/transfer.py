"""`train transfer --from RUN --data DATA --out RUN`: train on from another network's weights."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import Problem
from train.commands.learning import add_learning_options, learn
from train.commands.recipe_options import read_recipe
from train.datasets.dataset import Dataset
from train.learning.recipe import TRANSFER, Recipe
from train.learning.rehearsal import add_rehearsal_option, old_pictures

if TYPE_CHECKING:
    from train.learning.checkpoint import Epoch

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_learning_options(parser, TRANSFER)
    parser.add_argument("--from", dest="source", type=Path, required=True, help="run folder or .keras file")
    add_rehearsal_option(parser)
    parser.add_argument(
        "--teacher", type=Path, nargs="+", default=[], help="run folders whose mean answer becomes part of the labels"
    )
    parser.add_argument("--unlabelled", type=Path, metavar="DATA", help="further faces, which the teacher alone labels")
    parser.add_argument("--freeze", nargs="*", default=[], metavar="NAME", help="layers named like this stay as loaded")


def run(arguments: argparse.Namespace) -> int:
    from train.learning.transfer import transfer

    freeze, old = tuple(arguments.freeze), old_pictures(arguments.rehearse)
    teachers, unlabelled = tuple(arguments.teacher), old_pictures(arguments.unlabelled)
    if unlabelled is not None and not teachers:
        raise Problem("Nobody says what --unlabelled shows; give --teacher RUN, too.")

    def train(dataset: Dataset, folder: Path, recipe: Recipe, audit: str) -> list[Epoch]:
        return transfer(
            dataset,
            arguments.source,
            folder,
            recipe,
            freeze=freeze,
            rehearse=old,
            teachers=teachers,
            unlabelled=unlabelled,
            audit=audit,
        )

    return learn(arguments, read_recipe(arguments), train)
