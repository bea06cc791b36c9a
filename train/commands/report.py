"""`train report RUN [RUN ...] -o page.html`."""

from __future__ import annotations

import argparse
from pathlib import Path

from train.files.whole import whole
from train.reporting.parts import read_run
from train.reporting.report import report

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", type=Path, nargs="+", help="run folders, and folders of cross-validations")
    parser.add_argument("-o", "--out", type=Path, default=Path("report.html"), help="default: report.html")
    parser.add_argument("--title", default="edge-engage: training report")
    parser.add_argument("--pictures", action="store_true", help="include attention sheets, which show faces")


def run(arguments: argparse.Namespace) -> int:
    page = report([read_run(path) for path in arguments.runs], title=arguments.title, pictures=arguments.pictures)
    with whole(arguments.out) as half:
        half.write_text(page, encoding="utf-8")
    print(arguments.out)
    return 0
