"""Video files: whole, truncated, repeated, and files that are none."""

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from edge.camera import open_source
from edge.errors import Problem


def test_unpaced_hands_over_every_frame_by_the_files_own_clock(clip, capture, frames_of):
    with capture(clip, unpaced=True) as camera:
        numbers, times, shapes = zip(*((f.number, f.at, f.image.shape) for f in frames_of(camera)), strict=True)
    assert numbers == tuple(range(1, 301))
    assert np.allclose(times, np.arange(300) / 15)
    assert set(shapes) == {(720, 1280, 3)}
    assert (camera.dropped, camera.problem) == (0, None)


def test_paced_frames_keep_the_files_distances(make_video, capture, frames_of):
    with capture(make_video(12)) as camera:
        frames = list(frames_of(camera))
    assert frames[-1].number == 12
    for before, after in itertools.pairwise(frames):
        assert after.at - before.at == pytest.approx((after.number - before.number) / 10)


def test_who_is_slow_gets_the_newest_frame_and_the_rest_is_counted(make_video, capture):
    with capture(make_video(12)) as camera:
        while camera.frames < 6:
            pass
        frame = camera.latest(1)
        assert frame
        assert frame.number >= 6
        assert camera.dropped >= 5


def test_a_loop_begins_again_and_its_clock_goes_on(make_video, capture):
    with capture(make_video(5), unpaced=True, loop=True) as camera:
        frames = [camera.latest(5) for _ in range(12)]
    shades = [int(frame.image.mean() + 0.5) for frame in frames]
    assert shades[:2] == shades[5:7] == shades[10:12]
    assert shades[0] != shades[1]
    assert [frame.at for frame in frames] == pytest.approx([number / 10 for number in range(12)])


def test_a_looped_file_does_not_leak(clip, capture):
    me = psutil.Process()

    def play(camera, frames: int) -> int:
        for _ in range(frames):
            assert camera.latest(10)
        return me.memory_info().rss

    with capture(clip, unpaced=True, loop=True) as camera:
        settled = play(camera, 600)
        assert play(camera, 1500) - settled < 5 * 2**20


def test_a_truncated_video_gives_what_it_has_and_says_what_is_missing(clip, tmp_path, capture, frames_of):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with capture(cut, unpaced=True) as camera:
        given = sum(1 for _ in frames_of(camera))
    assert 100 < given < 200
    assert f"{cut} is truncated: {given} of 300 frames could be read." in str(camera.problem)


def test_a_truncated_video_is_repeated_as_far_as_it_goes(clip, tmp_path, capture):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 10])
    with capture(cut, unpaced=True, loop=True) as camera:
        for _ in range(100):
            assert camera.latest(5)
        assert "truncated" in str(camera.problem)


def test_a_video_without_its_index_is_called_truncated(make_video, tmp_path):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(make_video(20).read_bytes()[:-600])  # OpenCV writes the index last
    with pytest.raises(Problem, match="is truncated: 0 frames could be read"):
        open_source(str(cut))


@pytest.mark.parametrize("content", [b"", b"Not a video at all.\n" * 500, bytes(range(256)) * 64])
def test_a_file_that_is_no_video_is_refused(tmp_path, content):
    file = tmp_path / "lesson.mp4"
    file.write_bytes(content)
    with pytest.raises(Problem, match=r"lesson\.mp4 is not a video"):
        open_source(str(file))


def test_a_missing_file_and_an_unknown_protocol_are_refused(tmp_path):
    with pytest.raises(Problem, match="There is no file or folder"):
        open_source(str(tmp_path / "none.mp4"))
    with pytest.raises(Problem, match='"http://" is no source'):
        open_source("http://camera/stream")


def test_a_file_deleted_while_it_is_repeated_ends_the_run(make_video, capture, frames_of):
    file = make_video(5)
    with capture(file, unpaced=True, loop=True) as camera:
        assert camera.latest(5)
        file.unlink()
        list(frames_of(camera))
    assert "There is no file" in str(camera.problem)


def test_libraries_say_nothing_on_stderr(clip, tmp_path):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 10])
    (tmp_path / "text.mp4").write_text("no video")
    program = f"""
from edge.camera import open_source
from edge.errors import Problem
for name in ("cut.mp4", "text.mp4", "/dev/video97", "rtsp://127.0.0.1:1/none"):
    try:
        source = open_source(name if "/" in name else {str(tmp_path)!r} + "/" + name)
        while source.read() is not None:
            pass
    except Problem as problem:
        print(problem)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.count("\n") == 4
    assert done.stderr == ""
