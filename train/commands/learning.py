"""What `pretrain` and `transfer` share: options, the audit, the run."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from edge.errors import Problem
from edge.model.levels import read_levels
from train.commands.data_options import Choice, add_data_options, chosen_data
from train.commands.recipe_options import add_recipe_options
from train.datasets.also import add_also_option, with_other_cuts
from train.datasets.dataset import Dataset
from train.datasets.names import EXPRESSIONS, usual_levels
from train.figures.durations import duration
from train.files.whole import write_json
from train.judging.scorer import read_facts
from train.learning.estimate import Train, estimated
from train.learning.recipe import Recipe

if TYPE_CHECKING:
    from train.audit.result import Audit

__all__ = ["add_learning_options", "learn"]

_CARD = {
    "name": "what records call the network (default: its kind and its architecture)",
    "licence": "the terms under which the weights may be used (default: said to be not stated)",
    "origin": "who made it, and from what",
    "intended-use": "what it is for, and what not",
}


def add_learning_options(parser: argparse.ArgumentParser, default: Recipe) -> None:
    add_data_options(parser)
    add_recipe_options(parser, default)
    group = parser.add_argument_group("what the audit finds, before anything is trained")
    group.add_argument(
        "--drop-leaks", action="store_true", help="leave out training samples with a twin in another split"
    )
    group.add_argument(
        "--allow",
        action="store_true",
        help="train though a split leaks or the pictures are no face crops; the card will say so",
    )
    add_also_option(parser)
    card = parser.add_argument_group("what the network's card says of it; given again, they replace what it said")
    for name, text in _CARD.items():
        card.add_argument(f"--{name}", metavar="TEXT", help=text)
    parser.add_argument("--dry-run", action="store_true", help="read, audit, say how long it would take, write nothing")
    parser.add_argument(
        "--levels",
        nargs="+",
        metavar="LEVEL=LABEL",
        help="which labels mean low, mid and high engagement: low=bored mid=listening high=engaged",
    )
    parser.add_argument("--out", type=Path, required=True, help="run folder; a run that was killed goes on there")


def learn(arguments: argparse.Namespace, recipe: Recipe, train: Train) -> int:
    from train.audit.page import summary, write
    from train.audit.result import NO_CROPS

    dataset, audited, note = _audited(chosen_data(arguments), drop_leaks=arguments.drop_leaks)
    if note:
        print(note)
    dataset = _with_levels(dataset, arguments.levels)
    if not arguments.dry_run:
        write(audited, arguments.out / "audit")
    if audited.leaks and not arguments.allow:
        print(summary(audited))
        raise Problem(f"A split of these data leaks (see above). {_way_out(audited, arguments.drop_leaks)}")
    if audited.uncropped and not arguments.allow:
        (why,) = (finding.text for finding in audited.findings if finding.kind == NO_CROPS)
        raise Problem(f"{why} Or say --allow.")
    for finding in audited.findings:
        if finding.severity != "note":
            print(f"{finding.severity.upper():8}{finding.kind}: {finding.text}", file=sys.stderr)
    found = f"{audited.sentence()}; {note}" if note else audited.sentence()
    everything = with_other_cuts(dataset, arguments.also)
    if arguments.dry_run:
        print(summary(audited))
        long = duration(estimated(train, everything, recipe))
        print(f"\n{recipe.network}, {recipe.epochs} epochs: about {long} on this machine, as busy as it is now.")
        return 0
    train(everything, arguments.out, recipe, found)
    _describe(arguments)
    print(f"{arguments.out}: model.keras, facts.json, history.json, curves.png")
    return 0


def _describe(arguments: argparse.Namespace) -> None:
    given = {name.replace("-", "_"): getattr(arguments, name.replace("-", "_")) for name in _CARD}
    said = {field: text.strip() for field, text in given.items() if text and text.strip()}
    if said:
        file = arguments.out / "facts.json"
        write_json(file, msgspec.structs.replace(read_facts(file), **said))


def _way_out(audited: Audit, dropped: bool) -> str:
    if audited.subjects_in_two_splits:
        return (
            "The same people are in two splits, whatever pictures are dropped: divide anew (--divide), or say --allow."
        )
    if dropped:
        return "Twins are left even without those of the training split: mend the other splits, or say --allow."
    return "Use --drop-leaks, mend the split, or say --allow."


def _with_levels(dataset: Dataset, words: list[str] | None) -> Dataset:
    """The device wants to know what the labels mean: better asked now than after the work."""
    levels = read_levels(words, dataset.labels) if words else usual_levels(dataset.labels)
    if not levels and dataset.labels != EXPRESSIONS:
        print(
            f"NOTE  Nothing says which of {', '.join(dataset.labels)} mean low, mid and high engagement: as it is, a "
            "device will refuse this network. Say it here or to `convert`: --levels low=... mid=... high=...",
            file=sys.stderr,
        )
    return replace(dataset, levels=levels)


@lru_cache(maxsize=1)
def _audited(choice: Choice, *, drop_leaks: bool) -> tuple[Dataset, Audit, str]:
    """The data to train on, what the audit found in them, and what was left out.

    A process that trains twice on the same data, as a teacher and its pupil, reads and audits them once.
    """
    from train.audit.audit import audit
    from train.learning.pretrain import without_leaks

    dataset, note = choice.read(), ""
    if drop_leaks:
        dataset, dropped = without_leaks(dataset)
        note = f"{dropped} training samples with a twin in another split left out"
    return dataset, audit(dataset), note
