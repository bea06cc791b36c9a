"""`train transfer --from RUN --data DATA --out RUN`: train on from another network's weights."""

from __future__ import annotations

import argparse
from pathlib import Path

from train.commands.audited import add_audit_options, audited
from train.data_options import add_data_options, read_data
from train.recipe_options import add_recipe_options, read_recipe

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from train.transfer import TRANSFER

    add_data_options(parser)
    add_recipe_options(parser, TRANSFER)
    add_audit_options(parser)
    parser.add_argument("--from", dest="source", type=Path, required=True, help="run folder or .keras file")
    parser.add_argument("--freeze", nargs="*", default=[], metavar="NAME", help="layers named like this stay as loaded")
    parser.add_argument("--out", type=Path, required=True, help="run folder; a run that was killed goes on there")


def run(arguments: argparse.Namespace) -> int:
    from train.transfer import transfer

    dataset, audit = audited(read_data(arguments), arguments)
    recipe, freeze = read_recipe(arguments), tuple(arguments.freeze)
    transfer(dataset, arguments.source, arguments.out, recipe, freeze=freeze, audit=audit)
    print(f"{arguments.out}: model.keras, facts.json, history.json, curves.png")
    return 0
