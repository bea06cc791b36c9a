"""How far a long step is, and how long it will still take; sequence networks take minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from train.figures.durations import duration

__all__ = ["Watch", "telling", "unwatched"]

Watch = Callable[[Sequence[Any], str], Iterable[Any]]
"""Goes through the items of a step, which has a name."""


def unwatched(items: Sequence[Any], _step: str) -> Iterable[Any]:
    return items


def telling(say: Callable[[str], None], *, every: float = 10, clock: Callable[[], float] = time.monotonic) -> Watch:
    """Says nothing of a step that takes less than `every` seconds."""

    def watch(items: Sequence[Any], step: str) -> Iterator[Any]:
        began = said = clock()
        for done, item in enumerate(items):
            now = clock()
            if done and now - said >= every:
                left = duration((now - began) / done * (len(items) - done))
                say(f"{step}: {done} of {len(items)}, {left} left")
                said = now
            yield item

    return watch
