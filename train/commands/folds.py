"""`train evaluate --folds N --data DATA`: train on all subjects but a few, test on these, until all were tested."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import Problem
from train.commands.data_options import read_data
from train.commands.recipe_options import add_recipe_options, read_recipe
from train.datasets.also import add_also_option, other_cuts, with_other_cuts
from train.datasets.dataset import Dataset
from train.datasets.faces import uncropped
from train.figures.durations import duration
from train.learning.estimate import Train, estimated
from train.learning.recipe import TRANSFER, Recipe
from train.learning.rehearsal import add_rehearsal_option, old_pictures

if TYPE_CHECKING:
    from train.judging.evaluate import Evaluation
    from train.learning.checkpoint import Epoch

__all__ = ["add_arguments", "dry_run", "evaluate"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folds", type=int, help="leave whole subjects out, train on the others, test on them")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--from", dest="source", type=Path, help="with --folds: transfer from this run")
    start.add_argument(
        "--from-folds",
        type=Path,
        metavar="FOLDER",
        help="with --folds: each starts from its like in FOLDER, an earlier --out, which also teaches it",
    )
    parser.add_argument(
        "--unlabelled", type=Path, metavar="DATA", help="with --from-folds: further faces, which the teacher labels"
    )
    add_also_option(parser)
    add_rehearsal_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="with --folds: say how long it would take")
    add_recipe_options(parser, TRANSFER)


def evaluate(arguments: argparse.Namespace) -> Evaluation:
    from train.figures.measures import measure
    from train.judging.compared import compared, has_columns
    from train.judging.crossval import cross_validate
    from train.judging.evaluate import Evaluation
    from train.judging.results import write

    if arguments.model is not None or arguments.out is None:
        raise Problem("With --folds give no model, but --network, perhaps --from RUN, and --out FOLDER.")
    dataset, recipe, source = read_data(arguments), read_recipe(arguments), arguments.source
    has_columns(dataset, arguments.by)

    def like(part: Dataset, run: Path) -> Path:
        return _stranger(arguments.from_folds / run.name, part, dataset)

    also, train = other_cuts(dataset, arguments.also), _training(arguments, like)
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
    start = f"from {(source or arguments.from_folds).name}" if source or arguments.from_folds else "from scratch"
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


def _training(arguments: argparse.Namespace, like: Callable[[Dataset, Path], Path]) -> Train:
    """How one fold's network is trained; `like` finds the one of earlier folds that it starts from."""
    from train.learning.pretrain import pretrain
    from train.learning.transfer import transfer

    source, earlier = arguments.source, arguments.from_folds
    old, unlabelled = old_pictures(arguments.rehearse), old_pictures(arguments.unlabelled)
    if old is not None and source is None:
        raise Problem("--rehearse keeps in mind what --from knows; give --from RUN, too.")
    if unlabelled is not None and earlier is None:
        raise Problem("Nobody says what --unlabelled shows; give --from-folds FOLDER, too.")

    def train(part: Dataset, run: Path, recipe: Recipe, _audit: str) -> list[Epoch]:
        if earlier is not None:
            teacher = like(part, run)
            return transfer(part, teacher, run, recipe, teachers=(teacher,), unlabelled=unlabelled)
        return pretrain(part, run, recipe) if source is None else transfer(part, source, run, recipe, rehearse=old)

    return train


def _stranger(run: Path, part: Dataset, dataset: Dataset) -> Path:
    """The earlier network, if it never saw those whom this fold leaves out."""
    from train.lineage.heritage import inherited
    from train.lineage.leaks import leaks

    kept = {sample.group for sample in part.samples}
    left_out = replace(dataset, samples=tuple(sample for sample in dataset.samples if sample.group not in kept))
    found = leaks(inherited(run), left_out, split="", name="it")
    if any("LEAKY" in note for note in found):
        raise Problem(
            f"{run} has seen people whom this fold leaves out. --from-folds takes the --out of an earlier "
            "`train evaluate --folds` of the same data, with as many folds and the same --seed."
        )
    return run


def dry_run(arguments: argparse.Namespace) -> int:
    if not arguments.folds:
        raise Problem("--dry-run says how long training would take; without --folds nothing is trained here.")
    dataset, recipe = with_other_cuts(read_data(arguments), arguments.also), read_recipe(arguments)
    unsplit = replace(dataset, samples=tuple(replace(sample, split="") for sample in dataset.samples))
    # Each network is trained on all folds but one.
    train = _training(arguments, lambda _part, _run: arguments.from_folds / "fold-1")
    long = duration((arguments.folds - 1) * estimated(train, unsplit, recipe))
    print(f"{arguments.folds} networks of {recipe.epochs} epochs: about {long} on this machine, as busy as it is now.")
    return 0
