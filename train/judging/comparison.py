"""One table: the same figures for several rows (conditions, or groups of people), each with its interval."""

from __future__ import annotations

import msgspec

from train.figures.draws import Floats
from train.figures.measures import Figure, figure

__all__ = ["Comparison", "Gap", "Row", "figures_of", "told"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    samples: int
    subjects: int
    """How many the intervals are drawn over: subjects, or samples where no subject is named."""
    figures: tuple[Figure, ...]

    def __getitem__(self, name: str) -> Figure:
        for one in self.figures:
            if one.name == name:
                return one
        raise KeyError(name)


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """The two rows that lie farthest apart in one figure."""

    figure: str
    most: str
    least: str
    value: float
    low: float
    high: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """Of its files: `as-seen`, `by-skin`."""
    title: str
    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Row:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)


def figures_of(values: dict[str, Floats]) -> tuple[Figure, ...]:
    return tuple(figure(name, drawn) for name, drawn in values.items())


def told(table: Comparison) -> str:
    """For a terminal."""
    names = list(dict.fromkeys(one.name for row in table.rows for one in row.figures))
    first = max(len(row.name) for row in table.rows)
    wide = max(23, *(len(name) for name in names)) + 2
    lines = [table.title, *(f"NOTE  {note}" for note in table.notes), ""]
    lines.append(" " * first + f"{'samples':>9}" + "".join(f"{name:>{wide}}" for name in names))
    for row in table.rows:
        cells = {one.name: f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in row.figures}
        lines.append(
            f"{row.name:{first}}{row.samples:>9}" + "".join(f"{cells.get(name, '-'):>{wide}}" for name in names)
        )
    if table.gaps:
        lines += ["", "widest gaps"]
        width = max(len(gap.figure) for gap in table.gaps)
        lines += [
            f"{gap.figure:{width}}  {gap.value:.3f} [{gap.low:.3f}, {gap.high:.3f}]  {gap.most} over {gap.least}"
            for gap in table.gaps
        ]
    return "\n".join(lines)
