"""Cameras that hang, get lost and come back. The camera is ours to break; the capture is the real one."""

import threading
import time

import numpy as np
import pytest

from edge.camera.capture import Capture
from edge.errors import Problem

PICTURE = np.zeros((4, 4, 3), np.uint8)
QUICK = {"patience": 0.3, "back_off": (0.01, 0.05)}


class Breakable:
    """A camera that gives `pictures` and then does what `then` says: go on, hang until released, raise, or end."""

    fps = 10.0

    def __init__(self, pictures: int, then: str) -> None:
        self.left = pictures
        self.then = then
        self.released = threading.Event()
        self.closed = threading.Event()

    def read(self):
        if self.left:
            self.left -= 1
            return PICTURE
        if self.then == "go on":
            time.sleep(0.005)
            return PICTURE
        if self.then == "hang":
            self.released.wait()
            return PICTURE
        if self.then == "raise":
            raise Problem("It broke.")
        if self.then == "crash":
            raise RuntimeError("driver error 5")
        return None

    def close(self) -> None:
        self.closed.set()


class Plug:
    """Opens one camera after the other, the second one when the test is ready; None is an attempt that fails."""

    def __init__(self, *cameras: Breakable | None) -> None:
        self.left = list(cameras)
        self.ready = threading.Event()
        self.opened = 0
        self._first = True

    def __call__(self) -> Breakable:
        self.opened += 1
        if not self._first:
            self.ready.wait()
        self._first = False
        camera = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if camera is None:
            raise Problem("There is no camera.")
        return camera


def _until_lost(capture: Capture) -> str:
    while not capture.state.startswith("lost"):
        capture.latest(0.05)
    return capture.state


def _until_seen(capture: Capture, frames: int) -> None:
    while capture.frames < frames or capture.state != "ok":
        capture.latest(1)


def test_a_hung_camera_is_left_behind_and_opened_again():
    hung, healthy = Breakable(3, "hang"), Breakable(0, "go on")
    plug = Plug(hung, healthy)
    with Capture(plug, pace="live", **QUICK) as capture:
        assert _until_lost(capture) == "lost: The camera gave no picture for 0.3 s. It is opened again."
        plug.ready.set()
        _until_seen(capture, 10)
        assert not hung.closed.is_set()
        hung.released.set()  # wakes up late: the camera must be let go
        assert hung.closed.wait(10)
        assert not healthy.closed.is_set()
        _until_seen(capture, capture.frames + 10)


@pytest.mark.parametrize(
    ("how", "why"),
    [("raise", "It broke."), ("crash", "driver error 5"), ("end", "stopped giving pictures")],
)
def test_a_lost_camera_is_closed_before_it_is_opened_again(how, why):
    lost, back = Breakable(2, how), Breakable(0, "go on")
    plug = Plug(lost, None, None, back)
    with Capture(plug, pace="live", **QUICK) as capture:
        assert why in _until_lost(capture)
        assert lost.closed.is_set()
        plug.ready.set()
        _until_seen(capture, 7)


def test_no_camera_at_the_start_is_a_problem_at_once():
    with pytest.raises(Problem, match="There is no camera"):
        Capture(Plug(None), pace="live")


def test_a_camera_that_may_come_later_is_waited_for():
    camera = Breakable(0, "go on")
    plug = Plug(None, None, camera)
    with Capture(plug, pace="live", must_open=False, **QUICK) as capture:
        assert "There is no camera" in _until_lost(capture)
        plug.ready.set()
        _until_seen(capture, 3)


def test_an_opening_that_hangs_is_a_problem_not_a_wait():
    never = threading.Event()

    def open_camera():
        never.wait()

    with pytest.raises(Problem, match="did not answer"):
        Capture(open_camera, pace="live", opening=0.3)
    never.set()


def test_a_camera_is_not_looped():
    """To repeat a file is to begin it again at once; a camera that gives no more is lost, and left in peace a while."""
    camera = Breakable(1, "end")
    plug = Plug(camera)
    plug.ready.set()
    with Capture(plug, pace="live", loop=True, back_off=(600, 600)) as capture:
        assert "stopped giving pictures" in _until_lost(capture)
    assert plug.opened == 1


def test_a_camera_that_opens_after_it_was_closed_is_let_go_unread():
    camera, begun, may_open = Breakable(0, "go on"), threading.Event(), threading.Event()

    def open_camera() -> Breakable:
        begun.set()
        may_open.wait()
        return camera

    capture = Capture(open_camera, pace="live", must_open=False)
    assert begun.wait(10)
    closing = threading.Thread(target=capture.close)
    closing.start()
    may_open.set()
    closing.join()
    assert camera.closed.wait(10)
    assert capture.frames == 0


def test_a_closed_capture_opens_nothing_any_more():
    plug = Plug(None)
    plug.ready.set()
    before = threading.active_count()
    with Capture(plug, pace="live", must_open=False, back_off=(0, 0)) as capture:
        _until_lost(capture)
    opened = plug.opened
    while threading.active_count() > before:
        time.sleep(0.01)
    assert plug.opened <= opened + 1, "the one that was on its way"


def test_hung_readers_do_not_pile_up():
    cameras = [Breakable(0, "hang") for _ in range(12)]
    plug = Plug(*cameras)
    plug.ready.set()
    before = threading.active_count()
    with Capture(plug, pace="live", patience=0.05, opening=0.05, back_off=(0.01, 0.02)) as capture:
        _until_lost(capture)
        for _ in range(50):
            capture.latest(0.02)
            assert threading.active_count() - before <= 6
    for camera in cameras:
        camera.released.set()


def test_closing_lets_go_of_the_camera():
    camera = Breakable(0, "go on")
    with Capture(Plug(camera), pace="live") as capture:
        assert capture.latest(5)
    assert camera.closed.is_set()
    assert capture.latest(0) is None


def test_closing_does_not_wait_for_a_file_nobody_reads_on():
    camera = Breakable(10, "end")
    with Capture(Plug(camera), pace="unpaced") as capture:
        pass
    assert camera.closed.is_set()
    assert capture.frames <= 1
