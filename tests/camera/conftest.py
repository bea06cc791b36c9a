from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge.demo
from edge.camera import is_live, open_source
from edge.camera.capture import Capture
from edge.flow import Frame


@pytest.fixture(scope="session")
def clip() -> Path:
    """The sample classroom: 300 frames at 15 a second."""
    return Path(edge.demo.__path__[0]) / "classroom.mp4"


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[[int], Path]:
    """Writes a video of 64 x 48 at 10 frames a second; each frame is 10 shades lighter than the one before."""

    def make(frames: int) -> Path:
        path = tmp_path / f"{frames}-frames.mp4"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
        for number in range(frames):
            writer.write(np.full((48, 64, 3), 10 * number % 250, np.uint8))
        writer.release()
        return path

    return make


@pytest.fixture
def capture() -> Callable[..., Capture]:
    """Captures what a spec names, as the sensor does."""

    def begin(spec: object, *, unpaced: bool = False, **how: object) -> Capture:
        pace = "live" if is_live(str(spec)) else "unpaced" if unpaced else "paced"
        return Capture(partial(open_source, str(spec)), pace=pace, **how)

    return begin


@pytest.fixture
def frames_of() -> Callable[[Capture], Iterator[Frame]]:
    """All frames until the end."""

    def take(capture: Capture) -> Iterator[Frame]:
        while not capture.ended:
            frame = capture.latest(1)
            if frame:
                yield frame

    return take
