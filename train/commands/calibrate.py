"""`train calibrate RUN --folds-from FOLDER ...`: a temperature from people left out, kept in the run's facts."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from edge.errors import Problem

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="run folder of the network that will ship")
    parser.add_argument(
        "--folds-from",
        type=Path,
        nargs="+",
        required=True,
        metavar="FOLDER",
        help="what `train evaluate --folds` left behind for the same recipe, of one seed or of several",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from train.judging.calibrate import calibrated, record
    from train.judging.predictions import read_predictions
    from train.judging.scorer import read_facts

    facts = read_facts(arguments.run_folder / "facts.json")
    folds = [read_predictions(folder) for folder in arguments.folds_from]
    for one in folds:
        if one.labels != facts.output.labels:
            raise Problem(
                f"{one.file} is labelled {', '.join(one.labels)}, {arguments.run_folder} "
                f"{', '.join(facts.output.labels)}. Give the folds of the same data and labels."
            )
    done = calibrated(folds)
    record(done, arguments.run_folder / "facts.json", folds)
    if arguments.json:
        print(msgspec.json.encode(done).decode())
        return 0
    print(f"temperature {done.temperature:.3f}, from {done.subjects} people left out of training")
    for name, found in done.figures.items():
        before, after, change = found["before"], found["after"], found["change"]
        print(
            f"{name}: {before.value:.4f} [{before.low:.4f}, {before.high:.4f}] before, "
            f"{after.value:.4f} [{after.low:.4f}, {after.high:.4f}] after; "
            f"change {change.value:+.4f} [{change.low:+.4f}, {change.high:+.4f}]"
        )
    print("After: each person at the temperature that all the others ask for. 95 % intervals over people.")
    return 0
