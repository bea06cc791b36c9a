"""What `pretrain` and `transfer` share: options, the audit, one run or one a fold."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.errors import Problem
from train.audit import audit
from train.audit_page import summary, write
from train.crossval import cross_validate
from train.data_options import add_data_options, read_data
from train.datasets import read
from train.datasets.dataset import Dataset, Sample
from train.evaluate import Evaluation
from train.evaluate_files import summary as figures
from train.evaluate_files import write as write_figures
from train.metrics import measure
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
    parser.add_argument(
        "--also",
        type=Path,
        help="the same subjects' pictures cut another way (a manifest of `train prepare`): trained on, never scored",
    )
    parser.add_argument("--folds", type=int, default=1, help="leave-subjects-out: a run a fold, then figures over all")
    parser.add_argument("--out", type=Path, required=True, help="run folder; a run that was killed goes on there")


def learn(arguments: argparse.Namespace, train: Train) -> int:
    dataset, found = _audited(read_data(arguments), arguments)
    also = _also(dataset, arguments.also)
    if arguments.folds == 1:
        train(replace(dataset, samples=dataset.samples + also), arguments.out, found)
        print(f"{arguments.out}: model.keras, facts.json, history.json, curves.png")
        return 0
    shares, groups, labels = cross_validate(
        dataset,
        arguments.out,
        lambda part, folder: train(part, folder, found),
        also=also,
        folds=arguments.folds,
        seed=arguments.seed,
    )
    result = Evaluation(
        dataset=dataset,
        split=f"{arguments.folds}-folds",
        probabilities=shares,
        measures=measure(shares, labels, groups, dataset.labels),
        notes=(f"each subject scored by one of {arguments.folds} networks that never saw them, seed {arguments.seed}",),
    )
    write_figures(result, arguments.out / "predictions")
    print(figures(result))
    return 0


def _also(dataset: Dataset, path: Path | None) -> tuple[Sample, ...]:
    if path is None:
        return ()
    more = read(path)
    if more.labels != dataset.labels:
        raise Problem(f"{path} is labelled {', '.join(more.labels)}, but {dataset.name} {', '.join(dataset.labels)}.")
    strangers = set(more.groups()) - set(dataset.groups())
    if strangers or "" in more.groups():
        raise Problem(
            f"{path} must name the subjects of {dataset.name}; unknown: {', '.join(sorted(strangers)) or '-'}."
        )
    return more.samples


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
