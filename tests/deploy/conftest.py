"""One machine for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from machine import Machine, debian, wheels
from parts import need_root


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    need_root("it boots a container")
    machine = Machine(debian(), wheels(), tmp_path_factory.mktemp("machine") / "console.log")
    yield machine
    machine.stop()
