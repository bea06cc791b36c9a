"""Tries the ways of calibrating within a budget of time and keeps the one that stays closest to the float network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from convert.build import Converted, convert, read_data
from convert.quantize import DEFAULT, Format, Method
from convert.source import Source
from edge.errors import Problem
from edge.model.card import Facts

__all__ = ["tuned"]


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
    batch: int,
    seconds: float,
    say: Callable[[str], None],
) -> Converted:
    """Closest: least mean divergence on the selection samples. Their labels are not looked at."""
    end = time.monotonic() + seconds
    best: Converted | None = None
    for choice in _choices(samples, seed):
        if best is not None and time.monotonic() > end:
            say("The time is up; the best so far is kept.")
            break
        data = read_data(calibration, facts, choice.samples, choice.seed)
        if data.selection is None:
            raise Problem("There are no samples to choose by: the data have no validation split. Leave out --tune.")
        made = convert(source, to, facts, data, batch=batch, method=choice.method)
        assert made.comparison is not None
        apart = made.comparison.divergence_mean
        say(f"{choice.method}; {choice.samples} samples, seed {choice.seed}: divergence {apart:.5f}")
        if best is None or best.comparison is None or apart < best.comparison.divergence_mean:
            best = made
    assert best is not None
    return best


def _choices(samples: int, seed: int) -> list[_Choice]:
    """The default first, then what has helped most often."""
    first = _Choice(DEFAULT, samples, seed)
    return [
        first,
        replace(first, method=Method("best", bias=False)),
        replace(first, seed=seed + 1),
        replace(first, samples=2 * samples),
        replace(first, method=Method("extremes", bias=True)),
        replace(first, method=Method("extremes", bias=False)),
    ]
