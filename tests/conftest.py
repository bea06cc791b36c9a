"""What holds for all tests."""

from __future__ import annotations

from hypothesis import Phase, settings

# A machine that is busy with something else must fail no test.
settings.register_profile("house", deadline=None)
# For bench/mutants: the same examples each time, fewer, and none made smaller.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=30,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("house")
