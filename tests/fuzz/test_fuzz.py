"""Some seconds of what `make fuzz` does for as long as one likes, and all that it has ever found."""

from __future__ import annotations

import pytest
from fuzz.targets import TARGETS
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

EXAMPLES = 60
_EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6)


def edited(good: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """The good bytes with some of them cut out and others put in."""
    for place, cut, put in edits:
        at = int(place * len(good))
        good = good[:at] + put + good[at + cut :]
    return good


@pytest.mark.parametrize("name", TARGETS)
def test_a_good_one_is_read(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].read(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_before_is_refused_in_words(name: str) -> None:
    for file in TARGETS[name].found_before():
        TARGETS[name].attempt(file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_anything_is_read_or_refused_in_words(name: str) -> None:
    target = TARGETS[name]

    # What fails is kept as it is: making it smaller takes long, and `make fuzz` does it better.
    @settings(max_examples=EXAMPLES, phases=(Phase.generate,), database=None)
    @given(st.builds(edited, st.sampled_from(target.seeds), _EDITS) | st.binary(max_size=64))
    def try_it(data: bytes) -> None:
        target.attempt(data)

    try_it()
