"""`train audit DATA`: exit code 1 when a split leaks."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from train.commands.data_options import add_data_options, read_data

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_options(parser, positional=True)
    parser.add_argument("--out", type=Path, help="folder for audit.json, audit.txt and audit.png")
    parser.add_argument("--allow", action="store_true", help="exit with 0 though a split leaks")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from train.audit.audit import audit
    from train.audit.page import summary, write

    found = audit(read_data(arguments))
    if arguments.out:
        write(found, arguments.out)
    print(msgspec.json.encode(found).decode() if arguments.json else summary(found))
    return int(found.leaks and not arguments.allow)
