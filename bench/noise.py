"""How far noise moves `engaged`, by the size of the class and the epsilon of a window. Prints JSON.

    python bench/noise.py [--windows 1000] [--seed 0]

Every window is a new class of any mix of levels, told through a gate of its own, so that nothing is held.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from edge.aggregate.budget import Budget
from edge.aggregate.company import Company
from edge.aggregate.noise import LaplaceNoise
from edge.aggregate.privacy import Gate
from edge.aggregate.record import Measured
from edge.aggregate.window import Sums

SECOND = 1_000_000


def error(people: int, epsilon: float | None, *, windows: int, rng: np.random.Generator) -> dict[str, float]:
    budget = Budget(lesson=1e9, lesson_seconds=2700, day=1e9, wall=lambda: 0, file=None)
    noise = LaplaceNoise(epsilon, budget) if epsilon else None
    off: list[float] = []
    for _ in range(windows):
        shares = rng.dirichlet([1, 1, 1], people).mean(axis=0)
        time = 60 * SECOND * people
        sums = Sums(
            length=60 * SECOND,
            observed=60 * SECOND,
            covered=60.0 * SECOND,
            person_time=time,
            judged_time=time,
            levels=shares * time,
            errors=np.full(2, np.nan),
            orientation=np.zeros(3),
        )
        gate = Gate(k=5, orientation=False, company=Company(1, 1), noise=noise)
        record = gate.release(sums, at=0, seq=0, start="2026-01-01T00:00:00Z", model="m")
        assert isinstance(record, Measured)
        off.append(abs(record.engaged - float(shares[1] / 2 + shares[2])))
    return {"mean": round(float(np.mean(off)), 3), "19 of 20": round(float(np.quantile(off, 0.95)), 3)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    found = {
        f"{people} people": {
            "none" if epsilon is None else str(epsilon): error(people, epsilon, windows=given.windows, rng=rng)
            for epsilon in (None, 0.25, 0.5, 1.0, 2.0)
        }
        for people in (5, 10, 20, 30)
    }
    print(json.dumps({"windows": given.windows, "seed": given.seed, "error of engaged": found}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
