"""What a network is fed: batches that depend on the seed and the epoch only.

So a run that was killed and resumed sees, from the next epoch on, exactly what it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.vision.crop import normalize
from train.datasets.arrays import to_arrays
from train.datasets.dataset import Dataset
from train.learning.augment import AUGMENTATIONS, change, erase
from train.learning.recipe import Recipe
from train.seeing.camera import as_seen
from train.seeing.conditions import draw

__all__ = ["Batch", "Feed", "Material", "class_weights", "material", "pixels"]


@dataclass(frozen=True, slots=True)
class Material:
    """Crops and labels in memory."""

    crops: NDArray[np.uint8]
    labels: NDArray[np.int64]
    """-1 where none is known and only a teacher answers."""
    shares: NDArray[np.float32]
    """Soft labels; a label that has none is certain."""
    classes: int
    answers: NDArray[np.float32] | None = None
    """What a teacher says of the faces as they are, near and in good light."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Batch:
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    votes: NDArray[np.float32]
    weights: NDArray[np.float32]
    near: NDArray[np.float32]
    """What a teacher looks at: `x`, but never as seen from far away."""


def material(dataset: Dataset, recipe: Recipe) -> Material:
    arrays = to_arrays(dataset, size=recipe.size, margin=recipe.margin)
    classes = len(dataset.labels)
    shares = np.eye(classes, dtype=np.float32)[arrays.y]
    for row, sample in enumerate(dataset.samples):
        if sample.weights is not None:
            shares[row] = sample.weights
    return Material(arrays.x, arrays.y, shares, classes)


def pixels(crops: NDArray[np.uint8], recipe: Recipe) -> NDArray[np.float32]:
    """Normalized as the device does it, frame by frame."""
    flat = normalize(crops.reshape(-1, *crops.shape[-2:]), recipe.normalization)
    return flat.reshape(*crops.shape, 1)


def class_weights(labels: NDArray[np.int64], classes: int, recipe: Recipe) -> NDArray[np.float32]:
    """One weight a class; the mean over the samples is 1, but for a class at its cap."""
    if recipe.class_weights == "none":
        return np.ones(classes, np.float32)
    counts = np.bincount(labels, minlength=classes)
    weights = len(labels) / np.maximum(counts, 1) / np.count_nonzero(counts)
    if recipe.class_weights == "root":
        weights = np.sqrt(weights)
        weights /= weights[labels].mean()
    if recipe.class_weights == "capped":
        weights = np.minimum(weights, recipe.cap)
    return np.where(counts > 0, weights, 0).astype(np.float32)


class Feed:
    """Shuffled, augmented, mixed batches of the training split. A last, smaller batch waits for the next epoch."""

    def __init__(self, data: Material, recipe: Recipe) -> None:
        self._data = data
        self._recipe = recipe
        weights = class_weights(data.labels[data.labels >= 0], data.classes, recipe)
        # The last one is for the label -1.
        self._weights = np.append(weights, np.float32(1))
        self._batch = min(recipe.batch, len(data))
        self.steps = len(data) // self._batch

    def epoch(self, number: int) -> Iterator[Batch]:
        rng = np.random.default_rng([self._recipe.seed, number])
        order = rng.permutation(len(self._data))
        for step in range(self.steps):
            rows = order[step * self._batch : (step + 1) * self._batch]
            yield self._mixed(self._plain(rows, rng), rng)

    def _plain(self, rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        how, data, recipe = AUGMENTATIONS[self._recipe.augmentation], self._data, self._recipe
        turned = change(data.crops[rows], how, rng)
        seen = as_seen(turned, draw(len(turned), rng, share=recipe.far), rng) if recipe.far else turned
        x = erase(pixels(seen, recipe), how, rng)
        near = pixels(turned, recipe) if recipe.far else x
        certain = np.eye(data.classes, dtype=np.float32)[data.labels[rows]]
        y = (1 - recipe.soft) * certain + recipe.soft * data.shares[rows]
        y = (1 - recipe.smoothing) * y + recipe.smoothing / data.classes
        if data.answers is not None:
            share = np.where(data.labels[rows] < 0, 1, recipe.distill)[:, None]
            y = (1 - share) * y + share * data.answers[rows]
        return Batch(x, y.astype(np.float32), data.shares[rows], self._weights[data.labels[rows]], near)

    def _mixed(self, batch: Batch, rng: np.random.Generator) -> Batch:
        if not self._recipe.mixup:
            return batch
        share = rng.beta(self._recipe.mixup, self._recipe.mixup)
        share = np.float32(max(share, 1 - share))
        other = rng.permutation(len(batch.x))
        parts = (batch.x, batch.y, batch.votes, batch.weights, batch.near)
        return Batch(*(share * part + (1 - share) * part[other] for part in parts))
