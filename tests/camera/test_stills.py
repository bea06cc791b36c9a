"""Folders of pictures."""

import cv2
import numpy as np
import pytest

from edge.camera import open_source
from edge.errors import Problem


def _picture(path, shade: int) -> None:
    cv2.imwrite(str(path), np.full((30, 40, 3), shade, np.uint8))


def test_pictures_come_in_the_order_of_their_names(tmp_path):
    for name, shade in (("b.png", 20), ("c.JPG", 30), ("a.bmp", 10)):
        _picture(tmp_path / name, shade)
    (tmp_path / "notes.txt").write_text("no picture, and not taken for one")
    source = open_source(str(tmp_path))
    shades = [round(float(source.read().mean())) for _ in range(3)]
    assert shades == pytest.approx([10, 20, 30], abs=1)
    assert source.read() is None


def test_unreadable_pictures_are_named_at_the_end(tmp_path, capture, frames_of):
    _picture(tmp_path / "1.png", 10)
    (tmp_path / "2.png").write_bytes(b"no picture")
    (tmp_path / "3.jpg").write_bytes(b"")
    _picture(tmp_path / "4.png", 40)
    with capture(tmp_path, unpaced=True) as camera:
        assert [frame.at for frame in frames_of(camera)] == [0, 1]
    assert f"2 of 4 pictures in {tmp_path} could not be read: 2.png, 3.jpg." in str(camera.problem)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(Problem, match="holds no picture"):
        open_source(str(tmp_path))


def test_a_repeated_folder_without_one_readable_picture_ends(tmp_path, capture):
    (tmp_path / "1.png").write_bytes(b"no picture")
    with capture(tmp_path, unpaced=True, loop=True) as camera:
        assert camera.latest(20) is None
        assert camera.ended
    assert "1 of 1 pictures" in str(camera.problem)
