"""How fairly the back row is judged, before and after far faces are taught: people never seen. Prints JSON.

python bench/back_row.py WACV FER --from RUN --runs FOLDER [--folds 3] [--seeds 0 1 2] [--epochs 4] [--every 1]

In the folds of `train evaluate --folds` a network is transferred from RUN (near), and a copy of it learns to
say the same of far faces (far); so no teacher saw the fold's subjects either. Both are scored on the faces as
published and under every named condition. Each figure is its mean over the seeds, and so is its 95 % interval
over subjects. --every takes one in so many of the faces that only the teacher labels. A killed run goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from msgspec.structs import replace as changed
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from train.datasets import read
from train.datasets.arrays import Arrays, to_arrays
from train.datasets.dataset import Dataset
from train.figures.draws import Estimate, draw, estimate
from train.figures.measures import measure
from train.figures.seeds import mean
from train.judging.crossval import subject_folds
from train.judging.scorer import open_scorer
from train.learning.rehearsal import old_pictures
from train.learning.transfer import TRANSFER, transfer
from train.seeing.camera import as_seen
from train.seeing.conditions import CONDITIONS

FAR = changed(TRANSFER, far=0.75, rate=2e-3, warmup=0.15, averaging=0.998, distill=0.75)
KINDS = ("near", "far")
SHOWN = ("32 px", "24 px", "20 px", "16 px", "32 px, dark", "24 px, noise", "32 px, JPEG")

Shares = dict[tuple[str, str], NDArray[np.float32]]
"""By kind and condition."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("old", type=Path)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=FAR.epochs)
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    dataset, old = read(arguments.data), old_pictures(arguments.old)
    assert old is not None
    arrays = to_arrays(dataset)
    seen = views(arrays)
    seeds: list[Shares] = []
    for seed in arguments.seeds:
        shares = {(kind, name): np.zeros((len(dataset), 3), np.float32) for kind in KINDS for name in seen}
        parts = subject_folds(dataset, arguments.folds, seed)
        for fold in range(arguments.folds):
            runs = arguments.runs / f"{seed}-{fold}"
            kept = tuple(replace(s, split="") for s, part in zip(dataset.samples, parts, strict=True) if part != fold)
            learn(replace(dataset, samples=kept), old, arguments, runs, seed)
            for kind in KINDS:
                scorer = open_scorer(runs / kind)
                for name, faces in seen.items():
                    shares[kind, name][parts == fold] = scorer.probabilities(faces[parts == fold])
        seeds.append(shares)
        print(json.dumps({"seeds": len(seeds), "figures": figures(seeds, dataset, arrays)}, indent=1), flush=True)
    return 0


def learn(part: Dataset, old: Dataset, arguments: argparse.Namespace, runs: Path, seed: int) -> None:
    near, far = runs / "near", runs / "far"
    if not (near / "facts.json").exists():
        transfer(part, arguments.source, near, changed(TRANSFER, seed=seed), rehearse=old)
    if not (far / "facts.json").exists():
        more = replace(old, samples=old.samples[:: arguments.every])
        recipe = changed(FAR, seed=seed, epochs=arguments.epochs)
        transfer(part, near, far, recipe, teachers=(near,), unlabelled=more)


def views(arrays: Arrays) -> dict[str, NDArray[np.uint8]]:
    """The faces as published, and the same under every condition."""
    rng = np.random.default_rng(0)
    return {"as published": arrays.x} | {name: as_seen(arrays.x, CONDITIONS[name], rng) for name in SHOWN}


def figures(seeds: list[Shares], dataset: Dataset, arrays: Arrays) -> dict[str, dict[str, list[float]]]:
    draws = draw(arrays.groups, seed=0)

    def engaged(shares: NDArray[np.float32]) -> NDArray[np.float64]:
        return draws.sums(shares[:, 1] / 2.0 + shares[:, 2]) / draws.sums(np.ones(len(shares)))

    found: dict[str, dict[str, list[float]]] = {}
    for kind, name in seeds[0]:
        measured = [measure(one[kind, name], arrays.y, arrays.groups, dataset.labels) for one in seeds]
        rows = {
            figure: [Estimate(one[figure].value, one[figure].low, one[figure].high) for one in measured]
            for figure in ("AUC of low", "macro-F1")
        }
        rows["mean engaged"] = [estimate(engaged(one[kind, name])) for one in seeds]
        moved = [engaged(one[kind, name]) - engaged(one[kind, "as published"]) for one in seeds]
        rows["its shift"] = [estimate(values) for values in moved]
        over = {figure: mean(estimates) for figure, estimates in rows.items()}
        found[f"{kind}: {name}"] = {
            figure: [round(x, 3) for x in (o.value, o.low, o.high)] for figure, o in over.items()
        }
    return found


if __name__ == "__main__":
    sys.exit(main())
