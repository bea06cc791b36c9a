"""One machine for all tests of this folder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from machine import ROOT, Machine, debian, wheels
from parts import need_root


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    need_root("it boots a container")
    folder = tmp_path_factory.mktemp("machine")
    tree = folder / "debian"
    subprocess.run(["cp", "-a", "--reflink=auto", debian(), tree], check=True)
    source = tree / "src"
    for name in ("deploy", "systemd", "edge", "train", "convert"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    machine = Machine(tree, wheels())
    yield machine
    machine.stop()
    shutil.rmtree(folder)  # half a gigabyte, which pytest would keep
