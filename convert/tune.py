"""Tries the ways of calibrating within a budget of time and keeps the one that stays closest to the float network.

Which of a thousand close decisions flip is luck with every rounding. So a choice that reaches both
aims on the selection samples goes before one that does not, and among equals the least divergent wins.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from convert.build import Converted, convert, read_data
from convert.network.source import Source
from convert.quantizing.quantize import DEFAULT, Format, Method
from convert.quantizing.watch import telling
from edge.errors import Problem
from edge.model.card import Facts

__all__ = ["AGREEMENT", "DROP", "tuned"]

AGREEMENT = 0.985
"""The aim for the share of equal answers."""
DROP = 0.3
"""The aim for the points that may be lost in accuracy or macro-F1."""


@dataclass(frozen=True, slots=True)
class _Choice:
    method: Method
    samples: int
    seed: int


def tuned(
    source: Source,
    to: Format,
    facts: Facts,
    calibration: Path,
    *,
    samples: int,
    seed: int,
    seconds: float,
    say: Callable[[str], None],
) -> Converted:
    """Closest: least mean divergence on the selection samples, of those that reach the aims there."""
    end = time.monotonic() + seconds
    best: Converted | None = None
    rank = (True, 1.0)  # whether it misses an aim, and how far it diverges
    tried = 0
    for choice in _choices(samples, seed):
        if best is not None and time.monotonic() > end:
            say("The time is up; the best so far is kept.")
            break
        if choice.method != DEFAULT and not rank[0]:
            break
        data = read_data(calibration, facts, choice.samples, choice.seed)
        if data.selection is None:
            raise Problem("There are no samples to choose by: the data have no validation split. Leave out --tune.")
        made = convert(source, to, facts, data, method=choice.method, watch=telling(say))
        assert made.comparison is not None
        found, tried = made.comparison, tried + 1
        missed = found.agreement < AGREEMENT or (bool(found.figures) and found.drop > DROP)
        say(
            f"{choice.method}; {choice.samples} samples, seed {choice.seed}: divergence {found.divergence_mean:.5f}, "
            f"agreement {found.agreement:.2%}" + (f", drop {found.drop:.2f} points" if found.figures else "")
        )
        if best is None or (missed, found.divergence_mean) < rank:
            best, rank = made, (missed, found.divergence_mean)
    assert best is not None
    assert best.data is not None
    described = f"{best.data.description}, chosen from {tried} by --tune"
    return replace(best, data=replace(best.data, description=described))


def _choices(samples: int, seed: int) -> list[_Choice]:
    """Four calibration sets; where none of them reaches the aims, the other methods too."""
    sets = [_Choice(DEFAULT, samples, seed + more) for more in range(4)]
    others = (Method("answers", bias=False), Method("squares"), Method("extremes", bias=False))
    return sets + [_Choice(method, samples, seed) for method in others]
