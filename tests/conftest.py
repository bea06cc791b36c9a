"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from browser import Browser

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


@pytest.fixture(scope="session")
def chromium(tmp_path_factory) -> Iterator[Browser]:
    from browser import Browser

    running = Browser(tmp_path_factory.mktemp("chromium"))
    yield running
    running.close()


@pytest.fixture
def browser(chromium) -> Iterator[Browser]:
    """The one browser, with this test's tabs only."""
    yield chromium
    chromium.close_tabs()


@pytest.fixture
def pictures() -> Path | None:
    """Where to leave screenshots for a person to look at, if the environment's PICTURES names a folder."""
    folder = os.environ.get("PICTURES")
    return Path(folder) if folder else None
