"""What OpenCV reads: V4L2 cameras, video files and RTSP streams."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.camera import rtsp, v4l2
from edge.camera.source import Image
from edge.errors import Problem

__all__ = ["Stream", "UsbCamera", "VideoFile"]

_STREAM_TIMEOUT = 8000  # milliseconds to connect, and to wait for a picture
_USUAL_FPS = 25.0
# FFmpeg's decoder would take one thread, and memory for several pictures, for every core of the machine.
_DECODER = (cv2.CAP_PROP_N_THREADS, 2)
# How the files of video begin: MP4/MOV, AVI, Matroska/WebM, Ogg, FLV, MPEG.
_BEGINNINGS = ((4, b"ftyp"), (0, b"RIFF"), (0, b"\x1aE\xdf\xa3"), (0, b"OggS"), (0, b"FLV"), (0, b"\0\0\1\xba"))


class _Video:
    """An open cv2.VideoCapture."""

    def __init__(self, capture: cv2.VideoCapture, fps: float) -> None:
        self._capture = capture
        self.fps = fps

    def read(self) -> Image | None:
        given, image = self._capture.read()
        return image.astype(np.uint8, copy=False) if given else None

    def close(self) -> None:
        self._capture.release()


class UsbCamera(_Video):
    """A V4L2 camera."""

    def __init__(self, device: Path, width: int, height: int, fps: float) -> None:
        v4l2.check(device)
        capture = _open(str(device), cv2.CAP_V4L2)
        # MJPEG first: over USB 2, raw pictures of this size come at 5 to 10 a second.
        for key, value in (
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
            (cv2.CAP_PROP_FRAME_WIDTH, width),
            (cv2.CAP_PROP_FRAME_HEIGHT, height),
            (cv2.CAP_PROP_FPS, fps),
            (cv2.CAP_PROP_BUFFERSIZE, 2),
        ):
            capture.set(key, value)
        if not capture.isOpened():
            raise Problem(v4l2.could_not_start(device))
        super().__init__(capture, fps)


class Stream(_Video):
    """An RTSP stream, over TCP; of an rtsps:// address encrypted, and only from the server that it names."""

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        options, trusted = "rtsp_transport;tcp", None
        if url.startswith("rtsps://"):
            trusted = rtsp.trusted(url, ca_file, _libavformat())
            options += f"|tls_verify;1|ca_file;{trusted}"
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = options
        timeouts = (
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _STREAM_TIMEOUT),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, _STREAM_TIMEOUT),
        )
        capture = _open(url, cv2.CAP_FFMPEG, (*_DECODER, *timeouts))
        if not capture.isOpened():
            raise Problem(rtsp.why_not(url, trusted))
        super().__init__(capture, _speed(capture))


class VideoFile(_Video):
    """A video file. One that ends before its own header says so raises at its end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                beginning = file.read(16)
        except OSError as error:
            raise Problem(f"{path} cannot be read: {error.strerror}.") from None
        # An absolute path, so that FFmpeg takes no part of it for a protocol.
        capture = _open(str(path.resolve()), cv2.CAP_FFMPEG, _DECODER)
        if not capture.isOpened():
            if any(beginning[at:].startswith(mark) for at, mark in _BEGINNINGS):
                raise Problem(
                    f"{path} is truncated: 0 frames could be read. It begins like a video, but the part that says "
                    "where its pictures are is missing. Copy or record it again."
                )
            raise Problem(f"{path} is not a video this program can read. Check that it plays elsewhere.")
        super().__init__(capture, _speed(capture))
        self._expected = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self._given = 0

    def read(self) -> Image | None:
        image = super().read()
        if image is not None:
            self._given += 1
            return image
        # Some formats hold no count, and OpenCV estimates it from the duration.
        if self._given == 0 or self._expected - self._given > max(2, self._expected // 50):
            raise Problem(
                f"{self._path} is truncated: {self._given} of {max(self._expected, 0)} frames could be read. "
                "Copy or record it again."
            )
        return None


def _open(name: str, backend: int, parameters: Sequence[int] = ()) -> cv2.VideoCapture:
    # People read our message instead of OpenCV's and FFmpeg's.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2.VideoCapture(name, backend, list(parameters))


def _libavformat() -> int:
    """The major version of the part of FFmpeg that speaks RTSP; 0 if OpenCV does not say."""
    version = re.search(r"avformat:\s+YES \((\d+)\.", cv2.getBuildInformation())
    return int(version[1]) if version else 0


def _speed(capture: cv2.VideoCapture) -> float:
    fps = capture.get(cv2.CAP_PROP_FPS)
    return fps if 0 < fps <= 1000 else _USUAL_FPS
