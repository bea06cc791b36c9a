"""`train compare RUN RUN`: is the second better than the first, judged on the same samples?"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from train.figures.draws import Estimate

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, help="run folder that was evaluated, or the folder of a cross-validation")
    parser.add_argument("after", type=Path, help="another, evaluated on the same data")
    parser.add_argument("--split", help="which evaluation, where a folder holds several: all, validation, 3-folds, ...")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from train.figures.calibration import trust
    from train.figures.change import compare
    from train.judging.predictions import read_predictions, shared

    all_before, all_after = (read_predictions(path, arguments.split) for path in (arguments.before, arguments.after))
    before, after = shared(all_before, all_after)
    pair = (before.y, before.groups, before.probabilities, after.probabilities)
    figures = {**compare(*pair, seed=0), **compare(*pair, seed=0, figures=trust)}
    single = (len(all_before.y) - len(before.y), len(all_after.y) - len(after.y))
    people = len(set(before.groups.tolist()) - {""})
    if arguments.json:
        content = {"samples": len(before.y), "subjects": people, "in_one_only": single, "figures": figures}
        print(msgspec.json.encode(content).decode())
        return 0
    over = f"{people} subjects" if people else "samples, as no subject is named"
    print(f"{len(before.y)} samples that both have; 95 % intervals over {over}, the same drawn for both")
    if any(single):
        print(f"left out: {single[0]} that only {arguments.before} has, {single[1]} that only {arguments.after} has")
    print(f"\n{'':18}{'first':>9}{'second':>9}{'change':>9}")
    for name, found in figures.items():
        ends = "".join(f"{found[part].value:>{'+' * (part == 'change')}9.4f}" for part in ("before", "after", "change"))
        print(f"{name:18}{ends}  {_interval(found['change'])}")
    return 0


def _interval(change: Estimate) -> str:
    if not (change.low == change.low and change.high == change.high):  # NaN: too few people for an interval
        return "no interval"
    sure = "" if change.low <= 0 <= change.high else ", more than chance"
    return f"[{change.low:+.4f}, {change.high:+.4f}]{sure}"
