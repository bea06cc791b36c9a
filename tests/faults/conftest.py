"""The real sensor in a dark room: as fast as it can, an hour of windows in seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def dark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of black pictures: nothing is searched in them, so that windows pass quickly."""
    folder = tmp_path_factory.mktemp("dark")
    for number in range(20):
        cv2.imwrite(str(folder / f"{number:02}.png"), np.zeros((48, 64, 3), np.uint8))
    return folder


@pytest.fixture
def sensor(dark: Path, tmp_path: Path) -> Iterator[Start]:
    """Start the sensor of school/room-1 on the dark room; it is killed at the test's end."""
    running: list[subprocess.Popen[str]] = []

    def go(url: str, *words: object, state: Path | None = None, **settings: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "EDGE_ENGAGE_SERVICE_STATE_DIR": str(state or tmp_path / "state"),
            "EDGE_ENGAGE_SITE_SITE": "school",
            "EDGE_ENGAGE_SITE_ROOM": "room-1",
            "EDGE_ENGAGE_SPOOL_CATCH_UP": "1000",
            **settings,
        }
        process = subprocess.Popen(
            [*(sys.executable, "-m", "edge.cli", "run", "--source", dark, "--mqtt", url), *map(str, words)],
            env=environment,
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
