"""Which conditions faces are seen under: the named ones that are measured, and those that training draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["CONDITIONS", "Seen", "draw"]


@dataclass(frozen=True, slots=True)
class Seen:
    """How a camera sees a face."""

    height: int
    """Pixels that the crop covers in the camera's picture; no face is made larger than its crop."""
    light: float = 1.0
    """What is left of the grey values. The crop's normalization takes a darker or brighter face for the same, so
    by itself this costs only steps of grey; it tells beside `noise`, which does not darken along."""
    blur: float = 0.0
    """Sigma of what lens and focus smear, in the camera's pixels."""
    noise: float = 0.0
    """Sigma of the sensor's noise, in grey values."""
    quality: int = 0
    """JPEG quality, which stands for any codec; 0 is uncompressed."""


CONDITIONS = {
    "48 px": Seen(48),
    "32 px": Seen(32),
    "24 px": Seen(24),
    "20 px": Seen(20),
    "16 px": Seen(16),
    "12 px": Seen(12),
    "32 px, dark": Seen(32, light=0.25, noise=4),
    "24 px, noise": Seen(24, noise=8),
    "32 px, JPEG": Seen(32, quality=30),
}


def draw(count: int, rng: np.random.Generator, *, share: float = 1.0) -> list[Seen | None]:
    """A condition for each face; a `share` of them gets one, the others (None) stay as they are.

    Heights from 11 pixels, a little below the smallest that can be judged at all, to 50, where a crop is no
    longer enlarged; as many between 11 and 22 as between 22 and 44, as each is a doubling of the distance.
    Light from a fifth (blinds down) to 1.2 (a window seat). Blur up to one pixel, which passes for sharp in a
    cheap lens. Noise up to sigma 10, a small sensor at its highest gain. JPEG quality from 20, the worst that
    cameras offer, to 92, where nothing shows of it.
    """
    heights = np.exp(rng.uniform(np.log(11), np.log(50), count)).round().astype(int)
    light = np.where(rng.random(count) < 0.5, np.exp(rng.uniform(np.log(0.2), np.log(1.2), count)), 1.0)
    blur = np.where(rng.random(count) < 0.3, rng.uniform(0.3, 1.0, count), 0.0)
    noise = np.where(rng.random(count) < 0.5, rng.uniform(0.0, 10.0, count), 0.0)
    quality = np.where(rng.random(count) < 0.4, rng.integers(20, 93, count), 0)
    chosen = rng.random(count) < share
    return [
        Seen(int(h), float(a), float(b), float(n), int(q)) if yes else None
        for h, a, b, n, q, yes in zip(heights, light, blur, noise, quality, chosen, strict=True)
    ]
