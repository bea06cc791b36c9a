"""Where frames come from: V4L2 cameras, video files, RTSP streams, picamera2, folders of pictures."""

from __future__ import annotations

from pathlib import Path

from edge.camera.address import shown
from edge.camera.source import Source
from edge.errors import Problem

__all__ = ["is_live", "open_source", "shown"]

_STREAMS = ("rtsp://", "rtsps://")


def is_live(spec: str) -> bool:
    """Whether the world goes on while nobody reads: a camera or a stream, not a file or folder."""
    return spec == "picamera2" or _is_device(spec) or spec.startswith(_STREAMS)


def open_source(
    spec: str, *, width: int = 1280, height: int = 720, fps: float = 15.0, ca_file: str | None = None
) -> Source:
    """Open what `spec` names. The size and speed are asked of cameras; files and streams have their own.

    `ca_file` holds the certificates by which an encrypted stream's server must be known, instead of the system's.
    """
    if spec == "picamera2":
        from edge.camera.picamera2 import PiCamera

        return PiCamera(width, height, fps)
    from edge.camera import opencv

    if _is_device(spec):
        device = Path(f"/dev/video{int(spec)}" if spec.isdecimal() else spec)
        return opencv.UsbCamera(device, width, height, fps)
    if spec.startswith(_STREAMS):
        return opencv.Stream(spec, ca_file)
    if "://" in spec:
        raise Problem(
            f'"{spec.partition("://")[0]}://" is no source this program reads. '
            "Give a camera (0, /dev/video0, picamera2), a file, a folder or an rtsp:// address."
        )
    path = Path(spec)
    try:
        if path.is_dir():
            from edge.camera.stills import Stills

            return Stills(path)
        if not path.exists():
            raise Problem(f"There is no file or folder {shown(spec)}. Check the name given as source.")
    except PermissionError:
        raise Problem(f"{path} may not be looked at by this user. Change its or its folder's permissions.") from None
    return opencv.VideoFile(path)


def _is_device(spec: str) -> bool:
    """A camera's number, or a device; files lie below /dev/shm, too, and a device that is gone is still one."""
    return spec.isdecimal() or (spec.startswith("/dev/") and not Path(spec).is_file() and not Path(spec).is_dir())
