"""A covered lens is no class. What covers it is made here as it looks: dark or bright, glowing, noisy, woven."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from room import DARK, LIGHT

from edge.vision.visibility import visible

CLIP = Path(__file__).parents[2] / "edge" / "demo" / "classroom.mp4"
HIGH, WIDE = 720, 1280
Y, X = np.mgrid[0:HIGH, 0:WIDE] / np.array([HIGH, WIDE])[:, None, None]
FADING = (1 - (X - 0.5) ** 2 - (Y - 0.5) ** 2)[..., None]
SLOPE = (0.5 * X + 0.3 * Y + 0.2)[..., None]


def picture(light: np.ndarray | float, noise: float) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, noise, (HIGH, WIDE, 3))
    return np.clip(light + grain, 0, 255).astype(np.uint8)


COVERS = {
    "a cap": picture(2, 2),
    "a cap, and all gain there is": picture(16, 15),
    "a cap, compressed": cv2.resize(picture(14, 6)[::8, ::8], (WIDE, HIGH)),
    "a finger with the light behind it": picture(SLOPE * np.array([20, 30, 120]), 4),
    "a hand": picture(90 * FADING, 5),
    "white paper": picture(180 * (0.6 + 0.4 * SLOPE), 3),
    "cloth": picture(60 + 10 * np.sin(600 * X)[..., None] + 20 * SLOPE, 4),
}


def classroom() -> np.ndarray:
    given, image = cv2.VideoCapture(str(CLIP)).read()
    assert given
    return cv2.resize(image, (WIDE, HIGH))


@pytest.mark.parametrize("what", COVERS)
def test_a_covered_lens_shows_nothing(what: str) -> None:
    assert not visible(COVERS[what])


@pytest.mark.parametrize("light", [1.0, 0.5, 0.15])
def test_a_class_is_seen_down_to_a_sixth_of_its_light(light: float) -> None:
    assert visible(picture(classroom() * light, 6))


def test_a_class_behind_a_misted_lens_is_seen() -> None:
    assert visible(picture(120 + 0.15 * classroom(), 3))


def test_a_dark_room_is_not() -> None:
    assert not visible(picture(classroom() * 0.03, 2))
    assert (visible(LIGHT), visible(DARK)) == (True, False)
