"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A machine that is busy with something else must fail no test.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
