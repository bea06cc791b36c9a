"""What one's own data of a few people can hope for, by where training starts. Prints JSON.

python bench/few_people.py DATA --runs FOLDER [--seed 0] [--steps 100]

DATA names its subjects (WACV-2016). In each of three folds over them the people of the fold are the test. Of
the others, eight (in a drawn order, so that the first two are among the first four) are "one's own", and all
that remain teach the engagement network that one starts from: it never sees one's own people nor the test's.
With 16 people nobody remains: each subject is left out in turn, and there is no engagement to start from.
Training takes as many steps whatever the number of people; from scratch twice as many. Nothing is chosen by
the test people: the last weights count. What is finished in FOLDER is not done again; its found.json holds
the figures so far.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from train.datasets import read
from train.datasets.arrays import to_arrays
from train.datasets.dataset import Dataset
from train.figures.measures import measure
from train.judging.crossval import subject_folds
from train.judging.scorer import open_scorer
from train.learning.pretrain import pretrain
from train.learning.transfer import TRANSFER, transfer

EXPRESSIONS = Path(__file__).parents[1] / "train" / "weights" / "expressions"
FOLDS, OWN = 3, (2, 4, 8)
SHOWN = ("macro-F1", "AUC of low", "AUC of high against mid")


class Study:
    """Trains what is asked for and keeps each network's answers on the people that it is tested on."""

    def __init__(self, dataset: Dataset, runs: Path, steps: int, seed: int) -> None:
        self.dataset, self._runs, self._steps, self._seed = dataset, runs, steps, seed
        self.people = list(dataset.groups())
        self.arrays = to_arrays(dataset)

    def source(self, name: str, people: list[str]) -> Path:
        """An engagement network of these people, from the expressions that ship."""
        self._train(name, people, EXPRESSIONS)
        return self._runs / name

    def answers(self, name: str, people: list[str], start: Path | None, test: list[str]) -> NDArray[np.float32]:
        """On the test's pictures, in their order."""
        file = self._runs / f"{name}.npy"
        if not file.exists():
            shown = np.isin(self.arrays.groups, test)
            if people:
                self._train(name, people, start)
            scorer = open_scorer(self._runs / name if people or start is None else start)
            np.save(file, scorer.probabilities(self.arrays.x[shown]))
        return np.load(file)

    def _train(self, name: str, people: list[str], start: Path | None) -> None:
        run = self._runs / name
        if (run / "facts.json").exists():
            return
        samples = tuple(replace(sample, split="") for sample in self.dataset.samples if sample.group in people)
        batch = TRANSFER.batch
        epochs = max(1, round(self._steps * (1 if start else 2) * batch / len(samples)))
        recipe = msgspec.structs.replace(TRANSFER, epochs=epochs, seed=self._seed)
        part = replace(self.dataset, samples=samples)
        print(f"{name}: {len(people)} people, {len(samples)} pictures, {epochs} epochs", file=sys.stderr, flush=True)
        if start is None:
            pretrain(part, run, recipe)
        else:
            transfer(part, start, run, recipe)


def cells(study: Study, seed: int, *, almost_all: bool) -> Iterator[tuple[str, list[str], NDArray[np.float32]]]:
    """The start and the number of people, whom it is tested on, the answers: fold after fold, as they come."""
    parts, groups = subject_folds(study.dataset, FOLDS, seed), study.arrays.groups
    tests = [sorted(set(groups[parts == fold].tolist())) for fold in range(FOLDS)]
    for fold, test in enumerate(tests):
        others = np.random.default_rng([seed, fold]).permutation(sorted(set(study.people) - set(test))).tolist()
        engagement = study.source(f"{fold}-source", others[OWN[-1] :])
        yield "engagement 0", test, study.answers(f"{fold}-engagement-0", [], engagement, test)
        for people in OWN:
            for start, source in {"expressions": EXPRESSIONS, "engagement": engagement, "scratch": None}.items():
                answers = study.answers(f"{fold}-{start}-{people}", others[:people], source, test)
                yield f"{start} {people}", test, answers
    for test in tests if almost_all else ():
        for start, source in {"expressions": EXPRESSIONS, "scratch": None}.items():
            for one in test:
                others = [person for person in study.people if person != one]
                yield f"{start} {len(others)}", [one], study.answers(f"without-{one}-{start}", others, source, [one])


def figures(study: Study, tests: list[list[str]], answers: list[NDArray[np.float32]]) -> dict[str, object]:
    """Pooled over the tests, with 95 % intervals over subjects."""
    rows = np.concatenate([np.flatnonzero(np.isin(study.arrays.groups, test)) for test in tests])
    done = measure(np.concatenate(answers), study.arrays.y[rows], study.arrays.groups[rows], study.dataset.labels)
    shown = {f.name: [round(part, 3) for part in (f.value, f.low, f.high)] for f in done.figures if f.name in SHOWN}
    return {"tested on": sorted(person for test in tests for person in test), **shown}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=100, help="of 64 pictures; from scratch twice as many (100)")
    parser.add_argument("--without-16", action="store_true", help="the three folds only")
    arguments = parser.parse_args()
    arguments.runs.mkdir(parents=True, exist_ok=True)
    dataset = read(arguments.data)
    study = Study(dataset, arguments.runs, arguments.steps, arguments.seed)
    found: dict[str, tuple[list[list[str]], list[NDArray[np.float32]]]] = {}
    for name, test, answers in cells(study, arguments.seed, almost_all=not arguments.without_16):
        tests, each = found.setdefault(name, ([], []))
        tests.append(test)
        each.append(answers)
        done = {name: figures(study, *both) for name, both in found.items()}
        said = {"data": dataset.name, "seed": arguments.seed, "steps": arguments.steps, "found": done}
        (arguments.runs / "found.json").write_text(json.dumps(said, indent=1), encoding="utf-8")
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
