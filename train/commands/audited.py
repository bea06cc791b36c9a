"""The audit before a training run: leaks stop it, unless they are left out or allowed."""

from __future__ import annotations

import argparse

from edge.errors import Problem
from train.audit import audit
from train.audit_page import summary, write
from train.datasets.dataset import Dataset
from train.pretrain import without_leaks

__all__ = ["add_audit_options", "audited"]


def add_audit_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what the audit finds")
    group.add_argument(
        "--drop-leaks", action="store_true", help="leave out training samples with a twin in another split"
    )
    group.add_argument("--allow", action="store_true", help="train though a split leaks; the card will say so")


def audited(dataset: Dataset, arguments: argparse.Namespace) -> tuple[Dataset, str]:
    """The data set to train on, and the audit's sentence for the card. The audit itself goes into the run folder."""
    note = ""
    if arguments.drop_leaks:
        dataset, dropped = without_leaks(dataset)
        note = f"; {dropped} training samples with a twin in another split left out"
        print(f"{dropped} training samples with a twin in another split are left out")
    found = audit(dataset)
    write(found, arguments.out / "audit")
    if found.leaks and not arguments.allow:
        print(summary(found))
        raise Problem("A split of these data leaks (see above). Use --drop-leaks, mend the split, or say --allow.")
    return dataset, found.sentence() + note
