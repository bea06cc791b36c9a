"""`train evaluate MODEL --data DATA`, and `train evaluate --folds N --data DATA` to train and test by subject."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from edge.errors import Problem
from train.commands.data_options import add_data_options, only, read_data
from train.commands.recipe_options import add_recipe_options, read_recipe
from train.datasets.also import add_also_option, other_cuts, with_other_cuts
from train.datasets.dataset import Dataset
from train.datasets.faces import uncropped
from train.datasets.names import split_name
from train.figures.durations import duration
from train.learning.estimate import Train, estimated
from train.learning.recipe import TRANSFER, Recipe
from train.learning.rehearsal import add_rehearsal_option, old_pictures

if TYPE_CHECKING:
    from train.judging.evaluate import Evaluation
    from train.learning.checkpoint import Epoch

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
    parser.add_argument("--folds", type=int, help="leave whole subjects out, train on the others, test on them")
    parser.add_argument("--from", dest="source", type=Path, help="with --folds: transfer from this run")
    add_also_option(parser)
    add_rehearsal_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="with --folds: say how long it would take")
    add_recipe_options(parser, TRANSFER)


def run(arguments: argparse.Namespace) -> int:
    from train.judging.results import summary

    if arguments.dry_run:
        return _estimate(arguments)
    done = _folds(arguments) if arguments.folds else _once(arguments)
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


def _folds(arguments: argparse.Namespace) -> Evaluation:
    from train.figures.measures import measure
    from train.judging.compared import compared, has_columns
    from train.judging.crossval import cross_validate
    from train.judging.evaluate import Evaluation
    from train.judging.results import write

    if arguments.model is not None or arguments.out is None:
        raise Problem("With --folds give no model, but --network, perhaps --from RUN, and --out FOLDER.")
    dataset, recipe, source = read_data(arguments), read_recipe(arguments), arguments.source
    has_columns(dataset, arguments.by)
    also, train = other_cuts(dataset, arguments.also), _training(arguments)
    warnings = _warnings(arguments, dataset)
    for warning in warnings:
        print(f"NOTE  {warning}", file=sys.stderr)
    score, arrays = cross_validate(
        dataset,
        arguments.out,
        lambda part, run: train(part, run, recipe, ""),
        folds=arguments.folds,
        seed=recipe.seed,
        also=also,
    )
    start = "from scratch" if source is None else f"from {source.name}"
    note = (
        f"{recipe.network}, {start}, {recipe.epochs} epochs, seed {recipe.seed}: "
        f"each {'session' if dataset.whole == 'session' else 'subject'} scored by one of {arguments.folds} networks "
        "trained without them"
    )
    shares = score(arrays.x)
    measures = measure(shares, arrays.y, arrays.groups, dataset.labels)
    done = Evaluation(dataset, f"{arguments.folds}-folds", shares, measures, (note, *warnings))
    if arguments.as_seen or arguments.by:
        done = compared(done, score, arrays.x, dataset, dataset.labels, as_seen=arguments.as_seen, by=arguments.by)
    write(done, arguments.out / "predictions")
    return done


def _warnings(arguments: argparse.Namespace, dataset: Dataset) -> list[str]:
    """What a reader must know of these folds: what their start has seen, and pictures that are no faces."""
    from train.lineage.heritage import inherited, learned
    from train.lineage.leaks import leaks

    source, old = arguments.source, old_pictures(arguments.rehearse)
    heritage = inherited(source)
    if old is not None:
        heritage += learned(old, network="rehearsed", split="train")
    found = leaks(heritage, dataset, split="", name=f"the start, {source.name}," if source else "")
    uncut = uncropped(dataset)
    return [*found, *[uncut] * bool(uncut)]


def _training(arguments: argparse.Namespace) -> Train:
    """How one fold's network is trained."""
    from train.learning.pretrain import pretrain
    from train.learning.transfer import transfer

    source, old = arguments.source, old_pictures(arguments.rehearse)
    if old is not None and source is None:
        raise Problem("--rehearse keeps in mind what --from knows; give --from RUN, too.")

    def train(part: Dataset, run: Path, recipe: Recipe, _audit: str) -> list[Epoch]:
        return pretrain(part, run, recipe) if source is None else transfer(part, source, run, recipe, rehearse=old)

    return train


def _estimate(arguments: argparse.Namespace) -> int:
    if not arguments.folds:
        raise Problem("--dry-run says how long training would take; without --folds nothing is trained here.")
    dataset, recipe = with_other_cuts(read_data(arguments), arguments.also), read_recipe(arguments)
    unsplit = replace(dataset, samples=tuple(replace(sample, split="") for sample in dataset.samples))
    # Each network is trained on all folds but one.
    long = duration((arguments.folds - 1) * estimated(_training(arguments), unsplit, recipe))
    print(f"{arguments.folds} networks of {recipe.epochs} epochs: about {long} on this machine, as busy as it is now.")
    return 0
