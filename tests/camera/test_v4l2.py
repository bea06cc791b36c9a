"""V4L2 cameras as far as a machine without one can tell; a kernel's own virtual camera is tried by hand."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.camera import is_live, open_source, v4l2
from edge.errors import Problem


@pytest.mark.parametrize("spec", ["97", "/dev/video97"])
def test_a_camera_that_is_not_there_is_named_with_those_that_are(spec):
    with pytest.raises(Problem, match=r"There is no camera /dev/video97\. (This machine shows no camera|Cameras here)"):
        open_source(spec)


def test_a_device_that_is_no_camera_is_refused():
    with pytest.raises(Problem, match="/dev/null is no camera"):
        open_source("/dev/null")


def test_who_may_not_open_a_camera_is_told_the_group():
    assert "usermod -aG video" in v4l2.why(Path("/dev/video0"), OSError(errno.EACCES, "Permission denied"))


def test_a_busy_camera_names_the_program_that_uses_it(tmp_path):
    device = tmp_path / "video0"
    device.touch()
    program = "import sys, time; held = open(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program, device], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        message = v4l2.why(device, OSError(errno.EBUSY, os.strerror(errno.EBUSY)))
        other.kill()
    assert "is busy: python" in message
    assert f"(process {other.pid}) uses it" in message


def test_cameras_and_streams_are_live_and_files_are_not():
    assert all(map(is_live, ("0", "/dev/video2", "picamera2", "rtsp://room/1", "rtsps://room/1")))
    assert not any(map(is_live, ("lesson.mp4", "pictures", "./0")))


def test_a_file_in_shared_memory_is_a_file():
    file = Path(f"/dev/shm/edge-engage-{os.getpid()}.mp4")
    file.write_text("no video")
    try:
        assert not is_live(str(file))
        with pytest.raises(Problem, match="is not a video"):
            open_source(str(file))
    finally:
        file.unlink()
    assert is_live(str(file)), "what is not there may be a camera that was unplugged"
