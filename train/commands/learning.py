"""What `pretrain` and `transfer` share: options, the audit, the run."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from edge.errors import Problem
from train.also import add_also_option, with_other_cuts
from train.audit.audit import audit
from train.audit.page import summary, write
from train.data_options import add_data_options, read_data
from train.datasets.dataset import Dataset
from train.pretrain import without_leaks
from train.recipe import Recipe
from train.recipe_options import add_recipe_options

__all__ = ["add_learning_options", "learn"]

Train = Callable[[Dataset, Path, str], object]
"""Trains on a data set into a run folder; the last argument is the audit's sentence."""


def add_learning_options(parser: argparse.ArgumentParser, default: Recipe) -> None:
    add_data_options(parser)
    add_recipe_options(parser, default)
    group = parser.add_argument_group("what the audit finds, before anything is trained")
    group.add_argument(
        "--drop-leaks", action="store_true", help="leave out training samples with a twin in another split"
    )
    group.add_argument("--allow", action="store_true", help="train though a split leaks; the card will say so")
    add_also_option(parser)
    parser.add_argument("--out", type=Path, required=True, help="run folder; a run that was killed goes on there")


def learn(arguments: argparse.Namespace, train: Train) -> int:
    dataset, found = _audited(read_data(arguments), arguments)
    train(with_other_cuts(dataset, arguments.also), arguments.out, found)
    print(f"{arguments.out}: model.keras, facts.json, history.json, curves.png")
    return 0


def _audited(dataset: Dataset, arguments: argparse.Namespace) -> tuple[Dataset, str]:
    """The data set to train on, and the audit's sentence for the card."""
    note = ""
    if arguments.drop_leaks:
        dataset, dropped = without_leaks(dataset)
        note = f"; {dropped} training samples with a twin in another split left out"
        print(note.removeprefix("; "))
    found = audit(dataset)
    write(found, arguments.out / "audit")
    if found.leaks and not arguments.allow:
        print(summary(found))
        raise Problem("A split of these data leaks (see above). Use --drop-leaks, mend the split, or say --allow.")
    return dataset, found.sentence() + note
