"""Teachers answer once for every face, near and in good light; a pupil learns to say the same however it is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from train.datasets.dataset import Dataset
from train.learning.feed import Material, material, pixels
from train.learning.recipe import Recipe
from train.learning.run import load_model
from train.learning.torch_layers import shorten

__all__ = ["teach"]


def teach(training: Material, teachers: tuple[Path, ...], unlabelled: Dataset | None, recipe: Recipe) -> Material:
    """Add the teachers' mean answer to the pictures, and `unlabelled` ones for which there is no other."""
    crops, labels, shares = training.crops, training.labels, training.shares
    if unlabelled is not None:
        more = material(unlabelled, recipe).crops
        crops = np.concatenate([crops, more])
        labels = np.concatenate([labels, np.full(len(more), -1)])
        shares = np.concatenate([shares, np.zeros((len(more), training.classes), np.float32)])
    answers = np.mean([_answers(teacher, crops, training.classes, recipe) for teacher in teachers], axis=0)
    return replace(training, crops=crops, labels=labels, shares=shares, answers=answers.astype(np.float32))


def _answers(teacher: Path, crops: NDArray[np.uint8], classes: int, recipe: Recipe) -> NDArray[np.float32]:
    shorten()
    model = load_model(teacher)
    if model.output_shape[-1] != classes or model.input_shape[1:3] != crops.shape[-2:]:
        raise Problem(f"The teacher {teacher} gives or takes something else than its pupil.")
    parts = np.array_split(crops, max(1, len(crops) // 256))
    return np.concatenate([np.asarray(model.predict_on_batch(pixels(some, recipe)), np.float32) for some in parts])
