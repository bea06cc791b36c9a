"""Overlay sheets: each picture beside itself with the attention over it and the face ellipse around."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train.explaining.explain import Explained
from train.files.whole import whole

__all__ = ["sheet"]

_SIDE = 112
_CAPTION = 14
_PAIRS = 6
"""Pictures a row; a sequence has a row of its own."""


def sheet(explained: list[Explained], labels: tuple[str, ...], seen_as: tuple[str, ...], file: Path) -> None:
    """`labels` are the data set's, `seen_as` the network's."""
    tiles = [_tile(one, labels[one.sample.label], seen_as[one.predicted]) for one in explained]
    a_row = 1 if explained and len(explained[0].crops) > 1 else _PAIRS
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % a_row)
    rows = [np.hstack(tiles[start : start + a_row]) for start in range(0, len(tiles), a_row)]
    encoded = cv2.imencode(".png", np.vstack(rows))[1]
    with whole(file) as half:
        half.write_bytes(encoded.tobytes())


def _tile(one: Explained, label: str, seen_as: str) -> NDArray[np.uint8]:
    plain = np.hstack([_large(crop) for crop in one.crops])
    heated = np.hstack([_heated(crop, heat, one.ellipse) for crop, heat in zip(one.crops, one.heat, strict=True)])
    # A picture stands beside its heat, a sequence above it.
    both = np.vstack([plain, heated]) if len(one.crops) > 1 else np.hstack([plain, heated])
    caption = np.full((_CAPTION, both.shape[1], 3), 255, np.uint8)
    cv2.putText(
        caption, f"{label} seen as {seen_as}", (2, 10), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (0, 0, 0), 1, cv2.LINE_AA
    )
    return cv2.copyMakeBorder(np.vstack([caption, both]), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def _large(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR), cv2.COLOR_GRAY2BGR)


def _heated(crop: NDArray[np.uint8], heat: NDArray[np.float32], ellipse: NDArray[np.bool_]) -> NDArray[np.uint8]:
    strength = cv2.resize(heat / max(float(heat.max()), 1e-9), (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
    colours = cv2.applyColorMap((strength * 255).astype(np.uint8), cv2.COLORMAP_JET)
    blend = cv2.addWeighted(_large(crop), 0.55, colours, 0.45, 0)
    mask = cv2.resize(ellipse.astype(np.uint8), (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(blend, outlines, -1, (255, 255, 255), 1)
