"""How a network is trained: every choice, in one frozen record that a run keeps as `options.json`."""

from __future__ import annotations

from typing import Literal

import msgspec

from edge.errors import Problem
from edge.flow import Normalization
from train.datasets.margins import TIGHTEST, margin_of
from train.learning.augment import AUGMENTATIONS
from train.networks import network

__all__ = ["PRETRAIN", "TRANSFER", "Recipe", "check"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    network: str = "edge-net"
    epochs: int = 82
    batch: int = 128
    optimizer: Literal["sgd", "adamw"] = "sgd"
    rate: float = 0.1
    """The highest learning rate; reached after the warm-up, left along a half cosine."""
    warmup: float = 3.0
    """Epochs."""
    weight_decay: float = 5e-3
    """Decoupled: a step takes `rate * weight_decay` of every kernel; biases and norms keep theirs."""
    smoothing: float = 0.1
    mixup: float = 0.2
    """Alpha of the beta distribution; 0 mixes nothing."""
    augmentation: str = "faces"
    far: float = 0.0
    """Share of the faces that are shown as a camera sees them far away or in poor light (`train.seeing`)."""
    kept: float = 0.0
    """Share of the weights a transfer began with in those it ends with; for a copy that answers the same question."""
    class_weights: Literal["none", "inverse", "capped", "root"] = "none"
    """Inverse frequency; the same but at most `cap`; its square root."""
    cap: float = 5.0
    votes: float = 0.0
    """Weight of a second output that learns the soft labels; it is dropped at the end."""
    soft: float = 0.0
    """Share of the soft label in the label itself."""
    distill: float = 0.5
    """Share of the teacher's answer in the label, if there is a teacher."""
    rehearsal: float = 0.5
    """Old pictures for each new one, and the weight of their loss, if something is rehearsed."""
    averaging: float = 0.9985
    """Decay a step of the averaged weights, which are the ones kept; 0 keeps the last weights."""
    patience: int = 0
    """Stop after so many epochs without a better selection score; 0 never stops early."""
    select: Literal["accuracy", "macro_f1", "last"] = "accuracy"
    """Which epoch is kept: the best on the selection split by this score, or the last."""
    margin: float = 0.0
    normalization: Normalization = "standard"
    size: int = 48
    seed: int = 1
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16 halves the time on processors that have it; weights stay float32."""


PRETRAIN = Recipe()
TRANSFER = Recipe(
    epochs=4,
    batch=64,
    optimizer="adamw",
    rate=4e-3,
    warmup=0.5,
    weight_decay=1e-2,
    smoothing=0.05,
    mixup=0.0,
    augmentation="gaze",
    class_weights="capped",
    cap=1.4,
    averaging=0.99,
    select="last",
)
"""Chosen by leave-subjects-out cross-validation, see docs/model.md. The eyes stay uncovered, because
nominal and very engaged faces differ by where they look; more epochs overfit the few subjects, less so
while expressions are rehearsed."""


def check(recipe: Recipe) -> None:
    network(recipe.network)
    if recipe.augmentation not in AUGMENTATIONS:
        raise Problem(f"{recipe.augmentation!r} is no augmentation; known are {', '.join(AUGMENTATIONS)}.")
    for name in ("epochs", "batch", "rate", "rehearsal"):
        if not getattr(recipe, name) > 0:  # not a number is not, either
            raise Problem(f"--{name} must be greater than 0.")
    margin_of(str(recipe.margin), "--margin", least=TIGHTEST)
    for name in ("smoothing", "soft", "distill", "averaging", "kept"):
        if not 0 <= getattr(recipe, name) < 1:
            raise Problem(f"--{name} must be at least 0 and less than 1.")
    if not 0 <= recipe.far <= 1:
        raise Problem("--far must be from 0 to 1.")
