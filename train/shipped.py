"""Make the two models that ship, from the research data: `python -m train.shipped DATA [--out FOLDER]`.

DATA holds `fer2013.csv`, `fer2013new.csv` (the FER+ votes) and `wacv2016/`. A network learns expressions
and teaches another of its kind, which is a little better; that one is transferred. Both know near faces
only, so each teaches a copy of itself to say the same of a face that is seen from far away or in poor
light; the copies ship. A killed run goes on where it was. docs/model.md says how long it takes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from math import isnan, nan
from pathlib import Path
from statistics import fmean

import msgspec

from edge.model.card import Metric, Reliability
from edge.model.subjects import travelling
from train import cli
from train.figures.draws import Estimate
from train.figures.seeds import mean
from train.files.whole import write_json
from train.judging.scorer import read_facts

__all__ = ["main"]

_TAUGHT = "60"
"""Epochs; a pupil needs fewer than its teacher."""
_FOLDS = "3"
_SEEDS = ("0", "1", "2")
_LICENCE = (
    "Apache-2.0 for our own part in the weights as published here. They were learned from FER-2013 and, for "
    "engagement, from WACV-2016 too: sets that were published for research and grant no right to commercial use. "
    "Whether what was learned from them may be used commercially is not settled; for commercial use train on data of "
    "your own, or obtain the right from those who hold it."
)
_ORIGIN = "trained by edge-engage's `make model` from public research data"

_FAR = ("--batch=64", "--averaging=0.998")
_EXPRESSIONS_FAR = (
    *_FAR,
    "--far=0.55",
    "--epochs=8",
    "--rate=0.0012",
    "--warmup=0.3",
    "--distill=0.8",
    "--class-weights=none",
    "--kept=0.2",
)
"""Nearly half of the faces stay near, and a fifth of the weights, or the sharp ones are forgotten."""
_ENGAGEMENT_FAR = (*_FAR, "--far=0.75", "--epochs=4", "--rate=0.002", "--warmup=0.15", "--distill=0.75")


def _taught_far(near: str) -> list[str]:
    """A copy of the network learns to say of every face, as seen from far away, what it says of it as it is."""
    return ["transfer", "--from", near, "--teacher", near]


def commands(data: Path, runs: Path, precision: str) -> list[list[str]]:
    """What a person would type. Everything else is the recipes' own defaults."""
    names = ("teacher", "expressions-near", "expressions", "engagement-near", "engagement", "faces")
    teacher, expressions_near, expressions, engagement_near, engagement, faces = (str(runs / name) for name in names)
    pictures = ["--data", str(data / "wacv2016")]
    # As published, and cut again by the device's own detector, so that the crop's format tells nothing.
    cuts = [*pictures, "--also", f"{faces}/manifest.csv", "--precision", precision]
    learned = [*cuts, "--from", expressions_near, "--rehearse", str(data / "fer2013.csv")]
    far = ["--unlabelled", str(data / "fer2013.csv"), *_ENGAGEMENT_FAR]
    numbers = ["--data", str(data / "fer2013.csv")]
    votes = ["--votes", str(data / "fer2013new.csv"), "--labels", "votes"]
    clean = [*numbers, *votes, "--drop-leaks", "--allow", "--precision", precision]
    pretrain = ["pretrain", *clean, "--votes-weight", "0.5"]
    return [
        [*pretrain, "--out", teacher],
        [*pretrain, "--teacher", teacher, "--epochs", _TAUGHT, "--out", expressions_near],
        [*_taught_far(expressions_near), *clean, *_EXPRESSIONS_FAR, "--out", expressions],
        ["evaluate", expressions, *numbers, "--split", "PublicTest"],
        ["prepare", pictures[1], "--out", faces],
        ["transfer", *learned, "--out", engagement_near],
        [*_taught_far(engagement_near), *cuts, *far, "--out", engagement],
        *(step for seed in _SEEDS for step in _left_out(seed, learned, [*cuts, *far], runs)),
        ["calibrate", engagement, "--folds-from", *(str(runs / f"folds-{seed}") for seed in _SEEDS)],
    ]


def _left_out(seed: str, learned: list[str], far: list[str], runs: Path) -> list[list[str]]:
    """The same in folds: near networks that never saw a third of the people, and the copies that they teach."""
    near, out = (str(runs / f"folds-{kind}{seed}") for kind in ("near-", ""))
    folds = ["evaluate", "--folds", _FOLDS, "--seed", seed, "--as-seen"]
    return [[*folds, *learned, "--out", near], [*folds, "--from-folds", near, *far, "--out", out]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m train.shipped", description="Make the models that ship.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the run folders are made")
    parser.add_argument("--out", type=Path, default=Path("train/weights"), help="where the finished models go")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="bfloat16")
    arguments = parser.parse_args()
    for command in commands(arguments.data, arguments.runs, arguments.precision):
        print(" ".join(["train", *command]), flush=True)
        code = cli.main(command)
        if code:
            return code
    ship(arguments.runs / "expressions", arguments.out / "expressions")
    folds = [_evaluated(arguments.runs / f"folds-{seed}") for seed in _SEEDS]
    ship(arguments.runs / "engagement", arguments.out / "engagement", cross_validated(folds), reliable(folds))
    return 0


class Folds(msgspec.Struct):
    """What is taken from a cross-validation."""

    metrics: list[Metric]
    reliability: list[Reliability] = []


def _evaluated(run: Path) -> Folds:
    return msgspec.json.decode((run / "predictions" / f"{_FOLDS}-folds.json").read_bytes(), type=Folds)


def cross_validated(folds: Sequence[Folds]) -> list[Metric]:
    """Each figure's mean over the seeds, whose folds differ; its interval is the mean of theirs."""
    note = (
        f"leave-subjects-out: {_FOLDS} folds, each subject scored by a network that never saw them; "
        f"mean over seeds {', '.join(_SEEDS)}, each with folds of its own; "
        "the interval is the mean of theirs, over subjects"
    )
    merged: list[Metric] = []
    for same in zip(*(fold.metrics for fold in folds), strict=True):
        # A figure without an interval in one run has none in the mean.
        ends = [[nan if end is None else end for end in (one.low, one.high)] for one in same]
        over = mean([Estimate(one.value, *end) for one, end in zip(same, ends, strict=True)])
        low, high = (None if isnan(end) else round(end, 4) for end in (over.low, over.high))
        merged.append(msgspec.structs.replace(same[0], value=round(over.value, 4), low=low, high=high, note=note))
    return merged


def reliable(folds: Sequence[Folds]) -> tuple[Reliability, ...]:
    """By height, the mean over the seeds."""
    rows = zip(*(fold.reliability for fold in folds), strict=True)
    return tuple(
        Reliability(
            height=same[0].height,
            **{name: round(fmean(getattr(one, name) for one in same), 4) for name in ("auc", "spread", "shared")},
        )
        for same in rows
    )


def ship(run: Path, place: Path, metrics: Sequence[Metric] = (), reliability: tuple[Reliability, ...] = ()) -> None:
    """Copy a finished run without its checkpoint; the card says how to make it, not where it was made, nor of whom."""
    place.mkdir(parents=True, exist_ok=True)
    for name in ("model.keras", "history.json", "curves.png"):
        shutil.copyfile(run / name, place / name)
    facts = read_facts(run / "facts.json")
    training = facts.training and travelling(msgspec.structs.replace(facts.training, command="make model DATA=..."))
    facts = msgspec.structs.replace(
        facts,
        training=training,
        metrics=(*facts.metrics, *metrics),
        reliability=reliability or facts.reliability,
        licence=_LICENCE,
        origin=_ORIGIN,
    )
    write_json(place / "facts.json", facts)


if __name__ == "__main__":
    sys.exit(main())
