"""The Raspberry Pi's own cameras, through picamera2. Imported only when asked for: it exists on no other machine."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from edge.camera.source import Image
from edge.errors import Problem

__all__ = ["PiCamera"]


class PiCamera:
    def __init__(self, width: int, height: int, fps: float) -> None:
        self.fps = fps
        library = _library()
        try:
            self._camera = library.Picamera2()
        except (IndexError, RuntimeError) as error:
            # picamera2 takes the first of an empty list when there is no camera.
            found = [str(camera.get("Model")) for camera in library.Picamera2.global_camera_info()]
            if found:
                raise Problem(f"The Pi camera ({', '.join(found)}) is in use or does not answer: {error}.") from None
            raise Problem(
                "No Pi camera was found. Check its ribbon cable, and that `rpicam-hello --list-cameras` shows it."
            ) from None
        try:
            # picamera2 names the order of bytes in a word: "RGB888" is what OpenCV calls blue-green-red.
            wanted = {"size": (width, height), "format": "RGB888"}
            self._camera.configure(self._camera.create_video_configuration(main=wanted, controls={"FrameRate": fps}))
            self._camera.start()
        except Exception as error:
            self._camera.close()
            raise Problem(f"The Pi camera could not be started at {width}x{height}, {fps:g} fps: {error}.") from error

    def read(self) -> Image:
        try:
            return np.ascontiguousarray(self._camera.capture_array("main"), np.uint8)
        except Exception as error:  # libcamera's errors have no common type
            raise Problem(f"The Pi camera stopped giving pictures: {error}.") from error

    def close(self) -> None:
        self._camera.stop()
        self._camera.close()


def _library() -> Any:
    try:
        return importlib.import_module("picamera2")
    except ImportError:
        raise Problem(
            "picamera2 is not installed for this Python. On Raspberry Pi OS: `sudo apt install python3-picamera2`, "
            "and make the virtual environment with --system-site-packages. It cannot be installed with pip."
        ) from None
