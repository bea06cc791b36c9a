"""`train pretrain --data DATA --out RUN`: train a network from scratch."""

from __future__ import annotations

import argparse
from pathlib import Path

from train.commands.audited import add_audit_options, audited
from train.data_options import add_data_options, read_data
from train.recipe_options import add_recipe_options, read_recipe

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from train.pretrain import PRETRAIN

    add_data_options(parser)
    add_recipe_options(parser, PRETRAIN)
    add_audit_options(parser)
    parser.add_argument("--teacher", type=Path, help="run folder of a larger network whose answers are learned too")
    parser.add_argument("--out", type=Path, required=True, help="run folder; a run that was killed goes on there")


def run(arguments: argparse.Namespace) -> int:
    from train.pretrain import pretrain

    dataset, audit = audited(read_data(arguments), arguments)
    pretrain(dataset, arguments.out, read_recipe(arguments), teacher=arguments.teacher, audit=audit)
    print(f"{arguments.out}: model.keras, facts.json, history.json, curves.png")
    return 0
