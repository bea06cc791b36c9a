"""What does somebody learn of one child who hears every record and knows who was in the room? Prints JSON.

    python bench/attacks.py [--trials 400] [--seed 0] [--epsilon 0.5]

Each attack is played against the sensor's own windows and gate. The target is low (engaged 0.1 to 0.3) or high (0.7 to
0.9), as a coin falls; who only guesses has an AUC of 0.5, an accuracy of 0.5 and a mean absolute error of 0.3. The
attacker turns the records into an estimate and learns on half of the trials how to read it; the figures are of the
other half. A class that is `still` shows the same all the time, which is the worst case; a `lively` one changes as
people do, looks away now and then, and shares a mood. `on` are the defaults, `strict` is privacy.change = 2, `noise`
has windows of a minute.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from edge.aggregate.budget import Budget
from edge.aggregate.company import Company
from edge.aggregate.noise import LaplaceNoise
from edge.aggregate.privacy import Gate
from edge.aggregate.record import Measured
from edge.aggregate.series import Series
from edge.aggregate.window import Sums

K, SECONDS, STEP = 5, 10.0, 2.0  # a frame holds for two seconds
GATES = ("off", "k and hundredths", "on", "strict", "noise")

Say = Callable[[float, Sums], float | None]
"""What is told of `engaged` in a window; None when it is suppressed."""


def off(_start: float, sums: Sums) -> float | None:
    return float((sums.levels[1] / 2 + sums.levels[2]) / sums.judged_time) if sums.judged_time else None


def plain(start: float, sums: Sums) -> float | None:
    """The threshold and two digits, and no more."""
    told = off(start, sums)
    return None if told is None or sums.judged_time < K * sums.observed else round(told, 2)


def gated(seconds: float, epsilon: float | None = None, *, change: int = 1, settle: float = 300) -> Say:
    now = [0.0]
    noise = None
    if epsilon:
        budget = Budget(lesson=4, lesson_seconds=2700, day=20, wall=lambda: now[0], file=None)
        noise = LaplaceNoise(epsilon, budget)
    gate = Gate(k=K, orientation=False, company=Company(change, settle), noise=noise)

    def say(start: float, sums: Sums) -> float | None:
        now[0] = start + seconds
        record = gate.release(sums, at=start, seq=0, start="2026-01-01T00:00:00Z", model="m")
        return record.engaged if isinstance(record, Measured) else None

    return say


@dataclass
class Lesson:
    """Who is in the room at each step of time, and what each shows. The target is person 0."""

    shown: NDArray[np.float64]
    """Steps x people: engaged, 0 to 1."""
    there: NDArray[np.bool_]
    moment: float = 0
    """When the target leaves or joins."""
    _windows: dict[float, list[tuple[float, Sums]]] = field(default_factory=dict)

    def heard(self, say: Say, seconds: float) -> list[tuple[float, float]]:
        """Start and figure of every window told."""
        if seconds not in self._windows:
            windows = self._windows[seconds] = []
            series = Series(seconds, lambda start, sums: windows.append((start, sums)))
            for n, (shown, there) in enumerate(zip(self.shown, self.there, strict=True)):
                e = shown[there]
                rows = np.column_stack([(1 - e) ** 2, 2 * e * (1 - e), e**2]).astype(np.float32)
                series.at(n * STEP).add(n * STEP, np.flatnonzero(there), rows, 1.0)
            series.end(len(self.shown) * STEP)
        told = ((start, say(start, sums)) for start, sums in self._windows[seconds])
        return [(start, figure) for start, figure in told if figure is not None]


@dataclass(frozen=True)
class Attack:
    play: Callable[..., Lesson]
    """Given a source of chance, whether the target is `low`, and whether the class is `lively`."""
    read: Callable[[Lesson, list[tuple[float, float]], float], float | None]
    """The estimate, from what is told in windows of so many seconds."""


def _wander(rng: np.random.Generator, steps: int, sizes: int, deviation: float, seconds: float) -> NDArray[np.float64]:
    """What changes with a memory of some seconds."""
    keep = np.exp(-STEP / seconds)
    out = np.empty((steps, sizes))
    state = rng.normal(0, deviation, sizes)
    for n in range(steps):
        state = keep * state + rng.normal(0, deviation * np.sqrt(1 - keep**2), sizes)
        out[n] = state
    return out


def lesson(rng: np.random.Generator, people: int, minutes: float, *, low: bool, lively: bool) -> Lesson:
    steps = round(minutes * 60 / STEP)
    middle = rng.uniform(0.2, 0.9, people)
    middle[0] = rng.uniform(0.1, 0.3) if low else rng.uniform(0.7, 0.9)
    shown = np.tile(middle, (steps, 1))
    there = np.ones((steps, people), bool)
    if lively:
        shown += _wander(rng, steps, people, 0.12, 40) + _wander(rng, steps, 1, 0.05, 300)
        # Away for four seconds every 40, on average.
        there = _wander(rng, steps, people, 1, 4) > -1.28
    return Lesson(shown.clip(0, 1), there)


def difference(people: int, *, joins: bool = False, patient: bool = False) -> Attack:
    """The target leaves (joins) in the middle; the nearest windows before and after are compared, or all of them."""

    def play(rng: np.random.Generator, *, low: bool, lively: bool) -> Lesson:
        room = lesson(rng, people, 30 if patient else 14, low=low, lively=lively)
        half = len(room.shown) // 2 + int(rng.integers(1, 5))  # not on a window's edge
        room.there[slice(0, half) if joins else slice(half, None), 0] = False
        room.moment = half * STEP
        return room

    def read(room: Lesson, told: list[tuple[float, float]], seconds: float) -> float | None:
        before = [figure for start, figure in told if start + seconds <= room.moment]
        after = [figure for start, figure in told if start >= room.moment]
        if not before or not after:
            return None
        first, last = (np.mean(before), np.mean(after)) if patient else (before[-1], after[0])
        many, fewer = (last, first) if joins else (first, last)
        return float(people * many - (people - 1) * fewer)

    return Attack(play, read)


def among_few(others: str, *, patient: bool = False) -> Attack:
    """The target with k - 1 others: of whom nothing is known, much (adults), or everything (a forger's faces)."""

    def play(rng: np.random.Generator, *, low: bool, lively: bool) -> Lesson:
        room = lesson(rng, K, 30 if patient else 1, low=low, lively=lively)
        room.there[:] = True  # with one face less nothing would be told
        if others == "adults":
            room.shown[:, 1:] += 0.65 + rng.normal(0, 0.08, K - 1) - room.shown[:, 1:].mean(axis=0)
        if others == "forger":  # shows another thing every minute
            minutes = np.arange(len(room.shown)) * STEP // 60
            room.shown[:, 1:] = rng.uniform(0, 1, 60)[minutes.astype(int)][:, None]
        room.shown = room.shown.clip(0, 1)
        return room

    def read(room: Lesson, told: list[tuple[float, float]], _seconds: float) -> float | None:
        supposed = {"adults": 0.65, "nobody": 0.55}
        each = [
            K * figure - (K - 1) * supposed.get(others, room.shown[round(start / STEP), 1]) for start, figure in told
        ]
        return float(np.mean(each if patient else each[0])) if each else None

    return Attack(play, read)


ATTACKS = {
    "leaver, class of 10": difference(10),
    "leaver, class of 20": difference(20),
    "joiner, class of 10": difference(10, joins=True),
    "leaver, class of 10, averaged over the lesson": difference(10, patient=True),
    "alone with four adults": among_few("adults"),
    "alone with four adults, averaged": among_few("adults", patient=True),
    "class of exactly k": among_few("nobody"),
    "class of exactly k, averaged": among_few("nobody", patient=True),
    "forger with k - 1 faces, one window": among_few("forger"),
    "forger with k - 1 faces, a lesson": among_few("forger", patient=True),
}


def gains(attack: Attack, gates: Sequence[str], *, lively: bool, trials: int, seed: int, epsilon: float) -> dict:
    """What the attacker has over guessing, with each gate, in the same lessons."""
    rng = np.random.default_rng(seed)
    low = np.arange(trials) % 2 == 0
    said: dict[str, list[float | None]] = {gate: [] for gate in gates}
    for one in low.tolist():
        room = attack.play(rng, low=one, lively=lively)
        for gate in gates:
            seconds = 60.0 if gate == "noise" else SECONDS
            plainly = {"off": off, "k and hundredths": plain}
            say = plainly.get(gate) or gated(
                seconds, epsilon if gate == "noise" else None, change=2 if gate == "strict" else 1
            )
            said[gate].append(attack.read(room, room.heard(say, seconds), seconds))
    return {gate: _gain(estimates, low) for gate, estimates in said.items()}


def _gain(said: list[float | None], low: NDArray[np.bool_]) -> dict[str, float]:
    estimate = np.array([0.5 if one is None else one for one in said])  # of what is not told, one guesses
    truth, half = np.where(low, 0.2, 0.8), len(said) // 2
    slope, level = np.polyfit(estimate[:half], truth[:half], 1) if estimate[:half].std() > 1e-9 else (0.0, 0.5)
    read = np.clip(slope * estimate[half:] + level, 0, 1)
    return {
        "told": round(float(np.mean([one is not None for one in said])), 2),
        "auc": round(_auc(estimate, ~low), 2),
        "accuracy": round(float(np.mean(np.where(read == 0.5, 0.5, (read > 0.5) == ~low[half:]))), 2),
        "error": round(float(np.abs(read - truth[half:]).mean()), 2),
    }


def _auc(read: NDArray[np.float64], high: NDArray[np.bool_]) -> float:
    pairs = read[high][:, None] - read[~high][None]
    return float((pairs > 0).mean() + (pairs == 0).mean() / 2)


def utility(people: int, *, epsilon: float | None, change: int = 1, trials: int, seed: int) -> dict:
    """A lively lesson in which one goes out twice for four minutes and one comes ten minutes late."""
    rng = np.random.default_rng(seed)
    seconds, told, errors = 60.0 if epsilon else SECONDS, 0, []
    windows = round(45 * 60 / seconds)
    for _ in range(trials):
        room = lesson(rng, people, 45, low=bool(rng.integers(2)), lively=True)
        for who, first, last in ((1, 900, 1140), (2, 1800, 2040), (3, 0, 600)):
            room.there[round(first / STEP) : round(last / STEP), who] = False
        exact = dict(room.heard(off, seconds))
        for start, figure in room.heard(gated(seconds, epsilon, change=change), seconds):
            told += 1
            errors.append(figure - exact[start])
    worst = np.abs(errors)
    return {
        "windows told": round(told / trials / windows, 2),
        "error": round(float(worst.mean()), 3) if told else None,
        "error in 19 of 20": round(float(np.quantile(worst, 0.95)), 3) if told else None,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epsilon", type=float, default=0.5, help="of a window of a minute, with noise (0.5)")
    parser.add_argument("--gates", nargs="*", default=GATES, choices=GATES)
    parser.add_argument("--lessons", type=int, default=5, help="for each size of class, to see what is lost (5)")
    given = parser.parse_args()
    found = {
        f"{name}, {'lively' if lively else 'still'}": gains(
            attack, given.gates, lively=lively, trials=given.trials, seed=given.seed, epsilon=given.epsilon
        )
        for name, attack in ATTACKS.items()
        for lively in (False, True)
    }
    useful = {
        f"{people} people, {gate}": utility(
            people,
            epsilon=given.epsilon if gate == "noise" else None,
            change=2 if gate == "strict" else 1,
            trials=given.lessons,
            seed=given.seed,
        )
        for people in (5, 10, 20, 30)
        for gate in ("on", "strict", "noise")
        if gate in given.gates
    }
    print(json.dumps({"seed": given.seed, "trials": given.trials, "attacks": found, "utility": useful}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
