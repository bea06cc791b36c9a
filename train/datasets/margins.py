"""How much wider than the face box pictures were cut: a number that must be possible wherever it is read."""

from __future__ import annotations

from edge.errors import Problem

__all__ = ["MOST", "TIGHTEST", "margin_of", "margin_option"]

MOST = 3.0
TIGHTEST = -0.5
"""Cut again, a picture may also be narrowed."""


def margin_of(text: str, where: str, *, least: float = 0.0) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        value = float("nan")
    if not least <= value <= MOST:  # not a number is not within either
        raise Problem(f"{where} has the margin {text!r}; it must be a number from {least:g} to {MOST:g}, such as 0.15.")
    return value


def margin_option(text: str) -> float:
    return margin_of(text, "The command line")
