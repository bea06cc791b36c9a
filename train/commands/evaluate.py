"""`train evaluate MODEL --data DATA`, and `train evaluate --folds N --data DATA` to train and test by subject."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from edge.errors import Problem
from train.commands.data_options import add_data_options, only, read_data
from train.datasets.also import add_also_option, other_cuts
from train.datasets.dataset import Dataset
from train.datasets.faces import uncropped
from train.datasets.names import split_name
from train.figures.measures import measure
from train.judging.evaluate import Evaluation, evaluate, without_twins
from train.judging.results import record, summary, write
from train.judging.scorer import open_scorer
from train.learning.rehearsal import add_rehearsal_option, old_pictures

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
        "--out",
        type=Path,
        help="folder for predictions and figures (default: RUN/predictions, and RUN/facts.json records the figures)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--folds", type=int, help="leave whole subjects out, train on the others, test on them")
    parser.add_argument("--from", dest="source", type=Path, help="with --folds: transfer from this run")
    add_also_option(parser)
    add_rehearsal_option(parser)
    _add_recipe(parser)


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    from train.commands.recipe_options import add_recipe_options
    from train.learning.transfer import TRANSFER

    add_recipe_options(parser, TRANSFER)


def run(arguments: argparse.Namespace) -> int:
    done = _folds(arguments) if arguments.folds else _once(arguments)
    if arguments.json:
        print(msgspec.json.encode({"notes": done.notes, "measures": done.measures}).decode())
    else:
        print(summary(done))
    return 0


def _once(arguments: argparse.Namespace) -> Evaluation:
    if arguments.model is None:
        raise Problem("Give a run folder, a .keras file or a bundle, or --folds to train and test by subject.")
    scorer = open_scorer(arguments.model)
    dataset = read_data(arguments)
    split = "" if arguments.split is None else split_name(arguments.split)
    if arguments.without_twins:
        part, twins = without_twins(dataset, split)
        print(f"{twins} of {twins + len(part)} pictures with a twin in the train split are left out")
    else:
        part = only(dataset, arguments.split)
    done = evaluate(scorer, part, split=f"{split}-without-twins" if arguments.without_twins else split)
    is_run = arguments.model.is_dir() and (arguments.model / "facts.json").exists()
    if arguments.out:
        write(done, arguments.out)
    elif is_run:
        write(done, arguments.model / "predictions")
        record(done, arguments.model / "facts.json")
    return done


def _folds(arguments: argparse.Namespace) -> Evaluation:
    from train.commands.recipe_options import read_recipe
    from train.judging.crossval import cross_validate
    from train.learning.pretrain import pretrain
    from train.learning.transfer import transfer
    from train.lineage.heritage import inherited, learned
    from train.lineage.leaks import leaks

    if arguments.model is not None or arguments.out is None:
        raise Problem("With --folds give no model, but --network, perhaps --from RUN, and --out FOLDER.")
    dataset, recipe, source = read_data(arguments), read_recipe(arguments), arguments.source
    also, old = other_cuts(dataset, arguments.also), old_pictures(arguments.rehearse)
    if old is not None and source is None:
        raise Problem("--rehearse keeps in mind what --from knows; give --from RUN, too.")
    heritage = inherited(source)
    if old is not None:
        heritage += learned(old, network="rehearsed", split="train")
    warnings = leaks(heritage, dataset, split="", name=f"the start, {source.name}," if source else "")
    uncut = uncropped(dataset)
    warnings += [uncut] * bool(uncut)
    for warning in warnings:
        print(f"NOTE  {warning}", file=sys.stderr)

    def train(part: Dataset, run: Path) -> object:
        return pretrain(part, run, recipe) if source is None else transfer(part, source, run, recipe, rehearse=old)

    shares, groups, labels = cross_validate(
        dataset, arguments.out, train, folds=arguments.folds, seed=recipe.seed, also=also
    )
    start = "from scratch" if source is None else f"from {source.name}"
    note = (
        f"{recipe.network}, {start}, {recipe.epochs} epochs, seed {recipe.seed}: "
        f"each {'session' if dataset.whole == 'session' else 'subject'} scored by one of {arguments.folds} networks "
        "trained without them"
    )
    measures = measure(shares, labels, groups, dataset.labels)
    done = Evaluation(dataset, f"{arguments.folds}-folds", shares, measures, (note, *warnings))
    write(done, arguments.out / "predictions")
    return done
