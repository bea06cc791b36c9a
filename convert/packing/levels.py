"""What a bundle for a classroom must say before a device takes it: which labels mean low, mid and high."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from edge.errors import Problem
from edge.model.card import Facts
from edge.model.levels import levels_of, read_levels

__all__ = ["with_levels"]


def with_levels(facts: Facts, words: Sequence[str] | None) -> Facts:
    """The facts with the levels written out, as said now or as known; a device would refuse a card without them."""
    if facts.kind != "engagement":
        if words:
            raise Problem(f"{facts.name} is for {facts.kind}, which knows no levels. Leave out --levels.")
        return facts
    labels = facts.output.labels
    levels = read_levels(words, labels) if words else levels_of(facts.output, facts.name)
    return msgspec.structs.replace(facts, output=msgspec.structs.replace(facts.output, levels=dict(levels)))
