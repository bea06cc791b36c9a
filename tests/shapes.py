"""Drawn pictures that a network can tell apart, and a recipe that is quick."""

from pathlib import Path

import numpy as np

from train.datasets.dataset import Dataset, Sample
from train.learning.recipe import Recipe
from train.learning.run import load_model

SIZE = 16
# Dropout, mixup, augmentation and averaging are all on: each has random state that a resume must find again.
QUICK = Recipe(network="cnn", epochs=4, batch=16, size=SIZE, rate=0.02, warmup=1, averaging=0.9, normalization="norm")


def shapes(count: int = 96, *, seed: int = 0, votes: bool = False, split: bool = True) -> Dataset:
    """Three kinds of picture that a network can tell apart, of eight people."""
    rng = np.random.default_rng(seed)
    samples = []
    for number in range(count):
        label = int(rng.choice(3, p=(0.2, 0.4, 0.4)))
        image = rng.integers(0, 90, (SIZE, SIZE), np.uint8)
        place = slice(3, 13)
        image[(slice(2, 6), slice(10, 14), slice(6, 10))[label], place] += 150
        samples.append(
            Sample(
                label,
                f"drawn:{number}",
                lambda image=image: image,
                group=f"subject {number % 8}",
                split=("validation" if number % 4 == 0 else "train") if split else "",
                weights=tuple(np.eye(3)[label] * 0.7 + 0.1) if votes else None,
            )
        )
    return Dataset("shapes", ("low", "mid", "high"), tuple(samples), provenance="shapes")


def weights(folder: Path) -> list[np.ndarray]:
    return load_model(folder).get_weights()


def assert_equal(first: Path, second: Path) -> None:
    for a, b in zip(weights(first), weights(second), strict=True):
        np.testing.assert_array_equal(a, b)
