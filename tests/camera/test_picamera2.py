"""The Raspberry Pi's camera, with a stand-in for the library that exists on no other machine."""

import sys
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from edge.camera import open_source
from edge.errors import Problem


class Camera:
    """What we use of picamera2.Picamera2, with the answers real hardware gives."""

    models = ("imx708",)
    busy = False
    calls: ClassVar[list[object]] = []

    def __init__(self) -> None:
        if not self.models:
            raise IndexError("list index out of range")
        if self.busy:
            raise RuntimeError("Failed to acquire camera: Device or resource busy (16)")
        self.running = False

    @classmethod
    def global_camera_info(cls) -> list[dict[str, object]]:
        return [{"Model": model} for model in cls.models]

    def create_video_configuration(self, **wanted: object) -> object:
        return wanted

    def configure(self, wanted: object) -> None:
        self.calls.append(wanted)

    def start(self) -> None:
        self.running = True

    def capture_array(self, name: str) -> np.ndarray:
        assert name == "main"
        if not self.running:
            raise RuntimeError("Camera is not running")
        return np.full((480, 640, 3), (255, 0, 0), np.uint8)

    def stop(self) -> None:
        self.running = False

    def close(self) -> None:
        self.calls.append("closed")


@pytest.fixture
def library(monkeypatch) -> type[Camera]:
    monkeypatch.setitem(sys.modules, "picamera2", SimpleNamespace(Picamera2=Camera))
    monkeypatch.setattr(Camera, "calls", [])
    return Camera


def test_pictures_come_blue_green_red_at_the_size_asked_for(library):
    source = open_source("picamera2", width=640, height=480, fps=12)
    image = source.read()
    assert image.shape == (480, 640, 3)
    assert image[0, 0].tolist() == [255, 0, 0]
    source.close()
    # "RGB888" is blue-green-red in memory: picamera2 names the order within a word.
    wanted = {"main": {"size": (640, 480), "format": "RGB888"}, "controls": {"FrameRate": 12}}
    assert library.calls == [wanted, "closed"]


def test_a_missing_library_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(Problem, match=r"apt install python3-picamera2.*--system-site-packages"):
        open_source("picamera2")


def test_a_missing_camera_is_told_from_a_busy_one(library, monkeypatch):
    monkeypatch.setattr(library, "models", ())
    with pytest.raises(Problem, match="No Pi camera was found"):
        open_source("picamera2")
    monkeypatch.setattr(library, "models", ("imx708",))
    monkeypatch.setattr(library, "busy", True)
    with pytest.raises(Problem, match=r"imx708\) is in use.*busy"):
        open_source("picamera2")


@pytest.mark.usefixtures("library")
def test_a_camera_that_fails_says_so():
    source = open_source("picamera2")
    source.close()
    with pytest.raises(Problem, match="stopped giving pictures: Camera is not running"):
        source.read()
