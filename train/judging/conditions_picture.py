"""What is left of a network's figures under each condition, as a picture."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.figure
from matplotlib.axes import Axes

from train.figures.measures import Figure
from train.judging.comparison import Comparison

__all__ = ["draw_conditions"]

_AGAINST = re.compile(r"(\d+) px")
_SHOWN = ("accuracy", "macro-F1", "AUC of low", "AUC", "macro AUC", "same answer")


def draw_conditions(table: Comparison, place: Path) -> None:
    figure = matplotlib.figure.Figure(figsize=(12, 4.8), layout="constrained")
    figure.suptitle(table.title)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _by_height(left, table)
    names = [one.name for one in table.rows[0].figures]
    _bars(right, table, "shift of engaged" if "shift of engaged" in names else "same answer")
    figure.savefig(place, dpi=100)


def _by_height(axes: Axes, table: Comparison) -> None:
    """Only the rows that differ by nothing but the height; the dark and noisy ones are among the bars."""
    rows = [(int(found[1]), row) for row in table.rows if (found := _AGAINST.fullmatch(row.name))]
    heights = [height for height, _ in rows]
    for name in (one.name for one in table.rows[0].figures if one.name in _SHOWN):
        figures = [row[name] for _, row in rows]
        (line,) = axes.plot(heights, [one.value for one in figures], marker="o", label=name)
        lows, highs = [one.low for one in figures], [one.high for one in figures]
        axes.fill_between(heights, lows, highs, color=line.get_color(), alpha=0.12, linewidth=0)
    axes.set_xscale("log", base=2)
    axes.set_xticks(heights, [str(height) for height in heights])
    axes.minorticks_off()
    axes.set(xlabel="pixels that the crop covers", ylim=(0, 1), title="By height, with 95 % intervals")
    axes.invert_xaxis()
    axes.legend(loc="lower left")


def _bars(axes: Axes, table: Comparison, name: str) -> None:
    figures: list[Figure] = [row[name] for row in table.rows]
    places = range(len(figures))
    values = [one.value for one in figures]
    reach = [[one.value - one.low for one in figures], [one.high - one.value for one in figures]]
    axes.barh(places, values, xerr=reach, color="tab:blue", alpha=0.7, ecolor="black", capsize=2)
    axes.set_yticks(places, [row.name for row in table.rows])
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(title=name)
