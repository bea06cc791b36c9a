"""Do 80 % of the intervals hold the truth? Classes whose true engagement is known, through the real gate.

    python bench/certainty.py                                   a made-up network
    python bench/certainty.py ANSWERS.npz                       a real one: the answers that `train evaluate
                                                                --as-seen` leaves (SPLIT-as-seen_f.npz)

How reliable the network is at each height is measured on half of the people; the classes are made of the others.
A class has 5 to 30 people at distances from 11 to 60 pixels and any mix of the levels. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.aggregate.company import Company
from edge.aggregate.privacy import Gate
from edge.aggregate.record import Measured
from edge.aggregate.window import Window
from edge.model import bundle
from edge.model.card import Card
from edge.model.reliability import errors, smallest_judged
from train.datasets.dataset import Dataset, Sample
from train.judging.reliability import reliability

HEIGHTS = (48, 32, 24, 20, 16, 12)
LEVELS = ("low", "mid", "high")
WORTH = np.array([0, 0.5, 1])
K = 5

People = Mapping[str, NDArray[np.floating]]
"""By "24 px": the answers, one row a picture; with them `y` and `groups`."""
Others = list[list[NDArray[np.intp]]]
"""By level: of everybody who has it, the rows of their pictures."""


def made_up(rng: np.random.Generator, *, people: int = 120, each: int = 6) -> dict[str, NDArray]:
    """A network that hesitates the more, and errs the more, the smaller a face is; every person has their own look."""
    y = np.tile(np.repeat([0, 1, 2], each // 3), people)
    groups = np.repeat(np.arange(people), each)
    look = np.repeat(rng.normal(0, 0.5, (people, 3)), each, axis=0)
    content: dict[str, NDArray] = {"y": y, "groups": groups.astype(str)}
    for height in HEIGHTS:
        clear = 3.6 * (height - 6) / (height + 20)
        logits = clear * np.eye(3)[y] + look + rng.normal(0, 1.2, (len(y), 3))
        content[f"{height} px"] = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)
    return content


def simulate(people: People, *, classes: int, rng: np.random.Generator) -> dict[str, object]:
    groups = np.unique(people["groups"])
    half = set(rng.permutation(groups)[: len(groups) // 2].tolist())
    known = np.array([group in half for group in people["groups"]])
    card = _card(people, known)
    others = [
        [np.flatnonzero((people["groups"] == group) & (people["y"] == level)) for group in sorted(set(groups) - half)]
        for level in range(3)
    ]
    others = [[rows for rows in level if len(rows)] for level in others]
    held, widths, told, counts = 0, [], 0, []
    for _ in range(classes):
        truth, record = _one(people, others, card, rng)
        if not isinstance(record, Measured) or record.engaged_low is None or record.engaged_high is None:
            continue
        told += 1
        held += record.engaged_low <= truth <= record.engaged_high
        widths.append(record.engaged_high - record.engaged_low)
        counts.append((record.faces, record.judged))
    return {
        "classes": classes,
        "told": told,
        "held": round(held / max(told, 1), 4),
        "median_width": round(float(np.median(widths)), 3),
        "mean_faces_and_judged": np.mean(counts, axis=0).round(1).tolist(),
        "smallest_judged": smallest_judged(card),
        "reliability": msgspec.to_builtins(card.reliability),
    }


def _card(people: People, known: NDArray[np.bool_]) -> Card:
    """The shipped card, with how reliable this network is on the people known."""
    rows = zip(people["y"][known].tolist(), people["groups"][known].tolist(), strict=True)
    samples = tuple(Sample(label, "", np.empty, group=group) for label, group in rows)
    answers = {f"{height} px": people[f"{height} px"][known] for height in HEIGHTS}
    card = msgspec.json.decode((bundle.shipped("engagement") / bundle.CARD).read_bytes(), type=Card)
    return msgspec.structs.replace(card, reliability=reliability(answers, Dataset("some", LEVELS, samples)))


def _one(people: People, others: Others, card: Card, rng: np.random.Generator) -> tuple[float, object]:
    """The true engagement of everybody in view, and what the sensor's own window and gate say."""
    size = int(rng.integers(5, 31))
    levels = rng.choice(3, size, p=rng.dirichlet([1, 1, 1]))
    sides = np.exp(rng.uniform(np.log(11), np.log(60), size))
    boxes = np.column_stack([np.zeros((size, 2)), sides, sides]).astype(np.float32)
    seen = [min(HEIGHTS, key=lambda h: abs(np.log(h / s))) for s in sides * (1 + card.input.margin)]
    # Somebody at random who has the level, then one of their pictures.
    shown = [rng.choice(others[level][rng.integers(len(others[level]))]) for level in levels.tolist()]
    given = np.stack([people[f"{height} px"][row] for height, row in zip(seen, shown, strict=True)])
    large = sides >= smallest_judged(card)
    window = Window(0, 10)
    for at in range(0, 10, 2):
        window.add(
            at,
            np.flatnonzero(large),
            given[large],
            1.0,
            unjudged=int((~large).sum()),
            errors=errors(card, boxes[large]),
        )
    gate = Gate(k=K, orientation=False, company=Company(1, 1))
    record = gate.release(window.close(), at=0, seq=0, start="2026-01-01T00:00:00Z", model="m")
    return float(WORTH[levels].mean()), record


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path, nargs="?")
    parser.add_argument("--classes", type=int, default=1000, help="for each halving of the people")
    parser.add_argument("--halvings", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    people = made_up(rng) if arguments.answers is None else dict(np.load(arguments.answers))
    runs = [simulate(people, classes=arguments.classes, rng=rng) for _ in range(arguments.halvings)]
    told = sum(int(str(run["told"])) for run in runs)
    held = sum(float(str(run["held"])) * int(str(run["told"])) for run in runs) / max(told, 1)
    print(json.dumps({"told": told, "held": round(held, 4), "halvings": runs}, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
