"""`train evaluate MODEL --data DATA`, and `train evaluate --folds N --data DATA` to train and test by subject."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from edge.errors import Problem
from train.commands import folds
from train.commands.data_options import add_data_options, only, read_data
from train.datasets.names import split_name

if TYPE_CHECKING:
    from train.judging.evaluate import Evaluation

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, nargs="?", help="run folder, .keras file or bundle; none with --folds")
    add_data_options(parser)
    parser.add_argument(
        "--split", help="train, validation, test (or PublicTest, PrivateTest, ...); default: everything"
    )
    parser.add_argument(
        "--without-twins", action="store_true", help="leave out pictures with a near-identical twin in the train split"
    )
    parser.add_argument(
        "--as-seen",
        action="store_true",
        help="also at face heights from 48 to 12 pixels, in low light, with noise and compression",
    )
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="COLUMN",
        help="also by group, as this further column of a manifest names them; may be given again",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder for predictions and figures (default: RUN/predictions, and RUN/facts.json records the figures)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    folds.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    from train.judging.results import summary

    if arguments.dry_run:
        return folds.dry_run(arguments)
    done = folds.evaluate(arguments) if arguments.folds else _once(arguments)
    if arguments.json:
        compared = {"comparisons": done.comparisons} if done.comparisons else {}
        print(msgspec.json.encode({"notes": done.notes, "measures": done.measures, **compared}).decode())
    else:
        print(summary(done))
    return 0


def _once(arguments: argparse.Namespace) -> Evaluation:
    from train.judging.compared import compared, has_columns
    from train.judging.evaluate import crops_for, evaluate, without_twins
    from train.judging.results import record, write
    from train.judging.scorer import open_scorer

    if arguments.model is None:
        raise Problem("Give a run folder, a .keras file or a bundle, or --folds to train and test by subject.")
    scorer = open_scorer(arguments.model)
    dataset = read_data(arguments)
    has_columns(dataset, arguments.by)
    split = "" if arguments.split is None else split_name(arguments.split)
    if arguments.without_twins:
        part, twins = without_twins(dataset, split)
        note = f"{twins} of {twins + len(part)} pictures with a twin in the train split are left out"
        done = evaluate(scorer, part, split=f"{split}-without-twins")
        done = replace(done, notes=(note, *done.notes))
    else:
        part = only(dataset, arguments.split)
        done = evaluate(scorer, part, split=split)
    if arguments.as_seen or arguments.by:
        crops, labels = crops_for(scorer.facts.input, part).x, scorer.facts.output.labels
        done = compared(done, scorer.probabilities, crops, part, labels, as_seen=arguments.as_seen, by=arguments.by)
    is_run = arguments.model.is_dir() and (arguments.model / "facts.json").exists()
    if arguments.out:
        write(done, arguments.out)
    elif is_run:
        write(done, arguments.model / "predictions")
        record(done, arguments.model / "facts.json")
    return done
