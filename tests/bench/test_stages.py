"""The measurement of the loop ends with its source: a bad one is a message at once, not a wait."""

import threading

import pytest

from edge.bench.stages import measure_stages
from edge.config import Config
from edge.config.sections import Camera
from edge.errors import Problem


@pytest.mark.parametrize("source", ["/nowhere/lesson.mp4", "/dev/video97"])
def test_a_source_that_cannot_be_read_leaves_nothing_waiting(source):
    before = set(threading.enumerate())
    with pytest.raises(Problem, match="There is no"):
        measure_stages(Config(camera=Camera(source=source)), seconds=600, as_json=True)
    waiting = [t for t in threading.enumerate() if t not in before and isinstance(t, threading.Timer)]
    for timer in waiting:
        timer.join(10)
    assert not any(timer.is_alive() for timer in waiting)
