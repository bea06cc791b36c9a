"""Why a V4L2 camera cannot be opened: asked of the kernel, because OpenCV only says no."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from pathlib import Path

from edge.errors import Problem

__all__ = ["check", "could_not_start", "why"]

_REQBUFS = 0xC0145608  # ioctl VIDIOC_REQBUFS; for no buffers it changes nothing, but is refused while another streams
_NO_BUFFERS = struct.pack("5I", 0, 1, 1, 0, 0)


def check(device: Path) -> None:
    """Raise a Problem that says why this camera cannot be used, if the kernel knows one."""
    try:
        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise Problem(why(device, error)) from None
    try:
        fcntl.ioctl(handle, _REQBUFS, _NO_BUFFERS)
    except OSError as error:
        raise Problem(why(device, error)) from None
    finally:
        os.close(handle)


def could_not_start(device: Path) -> str:
    """The reason of a camera that passed `check` and yet did not open."""
    return f"The camera {device} could not be started. Unplug it and plug it in again. {_cameras()}"


def why(device: Path, error: OSError) -> str:
    if error.errno == errno.EBUSY:
        return f"The camera {device} is busy: {_user_of(device)} uses it. Stop that, or name another. {_cameras()}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"The camera {device} may not be opened by this user. Add it to the group: `sudo usermod -aG video $USER`."
        )
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return f"There is no camera {device}. {_cameras()}"
    if error.errno in (errno.ENOTTY, errno.EINVAL):
        return f"{device} is no camera that gives pictures. {_cameras()}"
    return f"The camera {device} cannot be opened: {error.strerror}. {_cameras()}"


def _cameras() -> str:
    found = sorted(Path("/dev").glob("video*"))
    if not found:
        return "This machine shows no camera at all (no /dev/video*). Plug one in, or give a file with --source."
    return f"Cameras here: {', '.join(_named(camera) for camera in found)}."


def _named(camera: Path) -> str:
    try:
        return f"{camera} ({Path(f'/sys/class/video4linux/{camera.name}/name').read_text().strip()})"
    except OSError:
        return str(camera)


def _user_of(device: Path) -> str:
    """The other process that holds the device, as far as this user may see."""
    real = device.resolve()
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        process = handle.parts[2]
        try:
            if process != str(os.getpid()) and handle.readlink() == real:
                return f"{Path(f'/proc/{process}/comm').read_text().strip()} (process {process})"
        except OSError:
            continue  # gone meanwhile, or another user's
    return "another program"
