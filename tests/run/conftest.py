"""Starting the real program as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CLIP = Path(__file__).parents[2] / "edge" / "demo" / "classroom.mp4"

Start = Callable[..., "subprocess.Popen[str]"]
Finish = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "EDGE_ENGAGE_SERVICE_STATE_DIR": str(tmp_path / "state"),
        # The back row is another test's subject: larger faces are found several times faster.
        "EDGE_ENGAGE_VISION_SMALLEST_FACE": "28",
    }


@pytest.fixture
def clip() -> Path:
    return CLIP


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start `edge-engage` with these words; it is killed at the test's end."""
    running: list[subprocess.Popen[str]] = []

    def go(*words: object, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "edge.cli", *map(str, words)],
            env={**environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield go
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def finish(environment: dict[str, str]) -> Finish:
    """Run `edge-engage` with these words to its end."""

    def go(*words: object, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "edge.cli", *map(str, words)],
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return go
