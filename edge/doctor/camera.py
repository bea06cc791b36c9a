"""The camera: does it open, how fast is it really, is the picture good, are the faces large enough?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import cv2
import numpy as np

from edge.camera import is_live, open_source, shown
from edge.camera.source import Image
from edge.config import Config
from edge.doctor.finding import Finding, failed
from edge.errors import Problem
from edge.wiring import build_vision, engagement_bundle, judged_from

__all__ = ["examine", "picture"]

_SECONDS = 4.0
_SLOW = 0.7  # of the frames a second that were asked for
_DIM, _GLARING = 40, 215  # mean grey
_BURNT = 0.25  # of the picture without any detail left, as in front of a window
# The Laplacian's variance over the picture's own. 32 photographs of crowds and streets: 0.034 and more, the sample
# classroom 0.020; the same photographs blurred by two pixels: 0.006 and less.
_SOFT = 0.01


def examine(config: Config, *, in_use: bool) -> Iterator[Finding]:
    """Opens the camera for some seconds; nothing of what it shows is kept."""
    spec = config.camera.source
    name = f"{'camera' if is_live(spec) else 'source'} {shown(spec)}"
    if in_use and is_live(spec):
        yield Finding("camera", "ok", f"{name} is left to the sensor that runs. Stop it to have the picture looked at")
        return
    try:
        look = _look(config)
    except Problem as problem:
        yield failed("camera", problem)
        return
    if look is None:
        yield Finding("camera", "fail", f"{name} opens, but gives no picture. Unplug it and plug it in again.")
        return
    yield _speed(name, look, config)
    yield picture(look.last)
    with suppress(Problem):  # the networks have a line of their own
        yield _faces(look.last, config)


class _Look(NamedTuple):
    last: Image
    fps: float | None
    """Measured; None of what is no camera."""


def _look(config: Config) -> _Look | None:
    camera = config.camera
    source = open_source(
        camera.source, width=camera.width, height=camera.height, fps=camera.fps, ca_file=camera.ca_file
    )
    live, last, count = is_live(camera.source), None, 0
    try:
        # The first takes long, and the next ones are dark until the exposure has settled.
        began = time.monotonic()
        while (live and time.monotonic() - began < _SECONDS) or last is None:
            frame = source.read()
            if frame is None:
                break
            if last is None:
                began = time.monotonic()
            last, count = frame, count + 1
        seconds = time.monotonic() - began
    finally:
        source.close()
    return None if last is None else _Look(last, (count - 1) / seconds if live and count > 1 else None)


def _speed(name: str, look: _Look, config: Config) -> Finding:
    height, width = look.last.shape[:2]
    said = f"{name} gives {width} x {height}"
    if look.fps is None:
        return Finding("camera", "ok", said)
    said += f", {look.fps:.1f} frames a second"
    if look.fps < _SLOW * config.camera.fps:
        return Finding("camera", "warn", f"{said} of {config.camera.fps:g}. Give it more light, or a plug of its own.")
    return Finding("camera", "ok", said)


def picture(image: Image) -> Finding:
    """Light and sharpness."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    mean, contrast = float(grey.mean()), float(grey.var())
    if mean < _DIM:
        return Finding("picture", "warn", f"it is dark (mean {mean:.0f} of 255). Switch on light, or uncover the lens.")
    if mean > _GLARING or float((grey >= 250).mean()) > _BURNT:
        return Finding("picture", "warn", "much of it is white. Turn the camera away from windows and lamps.")
    detail = float(cv2.Laplacian(grey, cv2.CV_32F).var()) / max(contrast, 1.0)
    if detail < _SOFT:
        return Finding("picture", "warn", "it is blurred. Turn the lens until the far wall is sharp, and wipe it.")
    return Finding("picture", "ok", f"sharp enough, mean brightness {mean:.0f} of 255")


def _faces(image: Image, config: Config) -> Finding:
    boxes = build_vision(config).everywhere(image).boxes
    least = judged_from(config, engagement_bundle(config))
    if not len(boxes):
        return Finding("faces", "ok", f"nobody is in the picture; faces of {least} pixels and more would be judged")
    heights = np.sort(boxes[:, 3])
    large = int((heights >= least).sum())
    said = f"{len(heights)} found, {heights[0]:.0f} to {heights[-1]:.0f} pixels high; "
    if large < len(heights):
        small = len(heights) - large
        said += f"{small} are too small to be judged (below {least}). Move the camera nearer, or zoom in."
        return Finding("faces", "warn", said)
    return Finding("faces", "ok", f"{said}all are judged ({least} and more)")
