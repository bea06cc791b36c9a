"""Make the two models that ship, from the research data: `python -m train.shipped DATA [--out FOLDER]`.

DATA holds `fer2013.csv`, `fer2013new.csv` (the FER+ votes) and `wacv2016/`. A killed run goes on
where it was. On one recent core with bfloat16 the expressions take about 80 minutes on the torch
back-end (KERAS_BACKEND=torch), the engagement a few.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from train import cli

__all__ = ["main"]

_KEPT = ("model.keras", "facts.json", "history.json", "curves.png")


def commands(data: Path, runs: Path, precision: str) -> list[list[str]]:
    """What a person would type. Everything else is the recipes' own defaults."""
    expressions, engagement, faces = (str(runs / name) for name in ("expressions", "engagement", "faces"))
    pictures = str(data / "wacv2016")
    votes = ["--votes", str(data / "fer2013new.csv"), "--labels", "votes", "--votes-weight", "0.5"]
    shared = ["--precision", precision, "--allow"]
    return [
        ["pretrain", "--data", str(data / "fer2013.csv"), *votes, "--drop-leaks", "--out", expressions, *shared],
        # As published, and cut again by the device's own detector, so that the crop's format tells nothing.
        ["prepare", pictures, "--out", faces],
        [
            *["transfer", "--data", pictures, "--also", f"{faces}/manifest.csv"],
            *["--from", expressions, "--out", engagement, *shared],
        ],
    ]


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
    for name in ("expressions", "engagement"):
        (arguments.out / name).mkdir(parents=True, exist_ok=True)
        for file in _KEPT:
            shutil.copyfile(arguments.runs / name / file, arguments.out / name / file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
