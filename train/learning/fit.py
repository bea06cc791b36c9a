"""The training loop: one epoch after the other, each kept on disk, so that a run goes on where it was killed.

It is the same on TensorFlow, torch and JAX: batches come from numpy, the step is `train_on_batch`.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from train.learning import checkpoint
from train.learning.checkpoint import Arrays, Epoch, read_weights, write_weights
from train.learning.feed import Batch, Feed, Material, pixels
from train.learning.recipe import Recipe
from train.learning.rehearsal import Rehearsal, batches, joined

__all__ = ["Teacher", "fit", "predict", "rate_at"]

Teacher = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Normalized pixels to probabilities."""


def fit(
    model: keras.Model,
    training: Material,
    selection: Material | None,
    recipe: Recipe,
    folder: Path,
    *,
    teacher: Teacher | None = None,
    old: Rehearsal | None = None,
    on_epoch: Callable[[list[Epoch]], None] | None = None,
) -> list[Epoch]:
    """Train `model` and leave the chosen weights in it.

    The selection split chooses the epoch and stops the run; without one, the last epoch is kept.
    """
    trained = model
    if old is not None:
        trained = _with_second(model, "rehearsed", old.pictures.classes)
        trained.get_layer("rehearsed").set_weights(old.answers)
    elif recipe.votes:
        trained = _with_second(model, "votes", model.get_layer("logits").units)
    _compile(trained, recipe, second=recipe.votes if old is None else recipe.rehearsal)
    feed = Feed(training, recipe)
    file = folder / "checkpoint" / "state.npz"
    averages, best, history = read_weights(trained), list[Any](), list[Epoch]()
    if file.exists():
        averages, best, history = checkpoint.load(file, trained)
    while len(history) < recipe.epochs and not _stale(history, recipe):
        began = time.monotonic()
        losses = _epoch(trained, feed, recipe, len(history), averages, teacher, old)
        kept = averages if recipe.averaging else read_weights(trained)
        scores = _scores(trained, kept, selection, recipe) if selection else {}
        history.append(
            Epoch(epoch=len(history) + 1, **losses, **scores, seconds=round(time.monotonic() - began, 1)),
        )
        if not best or recipe.select == "last" or _best(history, recipe) == len(history) - 1:
            best = [array.copy() for array in kept]
        checkpoint.save(file, trained, averages=averages, best=best, history=history)
        if on_epoch:
            on_epoch(history)
        print(_line(history, recipe), file=sys.stderr, flush=True)
    write_weights(trained, best)
    return history


def predict(model: keras.Model, crops: NDArray[np.uint8], recipe: Recipe, *, batch: int = 256) -> NDArray[np.float32]:
    """Probabilities of the classes; a second output is left alone."""
    parts = [_logits(model, pixels(crops[start : start + batch], recipe)) for start in range(0, len(crops), batch)]
    logits = np.concatenate(parts)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def rate_at(step: int, steps: int, recipe: Recipe) -> float:
    """The learning rate of a step: a straight warm-up, then a half cosine down to zero."""
    warmup, total = recipe.warmup * steps, recipe.epochs * steps
    if step < warmup:
        return recipe.rate * (step + 1) / warmup
    return recipe.rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1.0, total - warmup)))


def _with_second(model: keras.Model, name: str, units: int) -> keras.Model:
    """A second output on the same features."""
    logits = model.get_layer("logits")
    second = keras.layers.Dense(units, dtype="float32", name=name)(logits.input)
    return keras.Model(model.input, [model.output, second], name=f"{model.name}-with-{name}")


def _compile(model: keras.Model, recipe: Recipe, *, second: float) -> None:
    """`second` is the weight of a second output's loss, 0 where there is none."""
    shared: dict[str, Any] = {"weight_decay": recipe.weight_decay, "global_clipnorm": 5.0}
    optimizer = (
        keras.optimizers.SGD(recipe.rate, momentum=0.9, nesterov=True, **shared)
        if recipe.optimizer == "sgd"
        else keras.optimizers.AdamW(recipe.rate, **shared)
    )
    optimizer.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if v.name != "kernel"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(
        optimizer,
        loss=[loss, loss] if second else loss,
        loss_weights=[1.0, second] if second else None,
        weighted_metrics=[["accuracy"], []] if second else ["accuracy"],
    )
    optimizer.build(model.trainable_variables)


def _epoch(
    model: keras.Model,
    feed: Feed,
    recipe: Recipe,
    number: int,
    averages: Arrays,
    teacher: Teacher | None,
    old: Rehearsal | None,
) -> dict[str, float]:
    _seed_layers(model, recipe.seed, number)
    rehearsed = None if old is None else batches(old, recipe, number)
    totals = np.zeros(2)
    bar = {"desc": f"epoch {number + 1}", "unit": "step", "leave": False, "delay": 3, "disable": None}
    progress = tqdm(feed.epoch(number), total=feed.steps, **bar)
    for step, batch in enumerate(progress, start=number * feed.steps):
        model.optimizer.learning_rate.assign(rate_at(step, feed.steps, recipe))
        totals += _step(model, batch, recipe, teacher, None if rehearsed is None else next(rehearsed))
        if recipe.averaging:
            # Early averages forget the random start sooner.
            decay = min(recipe.averaging, (1 + step) / (10 + step))
            for average, weight in zip(averages, read_weights(model), strict=True):
                np.add(average, (1 - decay) * (weight - average), out=average)
    loss, accuracy = (totals / feed.steps).tolist()
    return {"loss": loss, "accuracy": accuracy}


def _step(
    model: keras.Model, batch: Batch, recipe: Recipe, teacher: Teacher | None, old: Batch | None
) -> tuple[float, float]:
    """Loss and accuracy of one batch, before its step."""
    if teacher is not None:
        batch = replace(batch, y=(1 - recipe.distill) * batch.y + recipe.distill * teacher(batch.near))
    x, target, weights = batch.x, batch.y, batch.weights
    if old is not None:
        x, target, weights = joined(batch, old)
    elif recipe.votes:
        target, weights = [batch.y, batch.votes], [batch.weights] * 2
    model.reset_metrics()
    answer = model.train_on_batch(x, target, weights, return_dict=True)
    accuracy = next(value for name, value in answer.items() if name.endswith("accuracy"))
    return float(answer["loss"]), float(accuracy)


def _seed_layers(model: keras.Model, seed: int, epoch: int) -> None:
    """Dropout draws depend on the seed and the epoch only, not on what ran before."""
    # Torch draws dropout from its global generator, the others from one a layer.
    keras.utils.set_random_seed(seed * 1000 + epoch)
    for number, layer in enumerate(model._flatten_layers()):  # noqa: SLF001
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign(np.array([seed * 1000 + number, epoch * 100_000], np.uint32))


def _logits(model: keras.Model, x: NDArray[np.float32]) -> NDArray[np.float32]:
    out = model.predict_on_batch(x)
    return np.asarray(out[0] if isinstance(out, list) else out, np.float32)


def _scores(model: keras.Model, kept: Arrays, selection: Material, recipe: Recipe) -> dict[str, float]:
    now = read_weights(model)
    write_weights(model, kept)
    shares, labels = predict(model, selection.crops, recipe), selection.labels
    write_weights(model, now)
    chosen = shares.argmax(axis=1)
    hits = [((chosen == k) & (labels == k)).sum() for k in range(selection.classes)]
    sizes = [(chosen == k).sum() + (labels == k).sum() for k in range(selection.classes)]
    f1 = [2 * hit / size for hit, size in zip(hits, sizes, strict=True) if size]
    return {
        "val_loss": float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-9)).mean()),
        "val_accuracy": float((chosen == labels).mean()),
        "val_macro_f1": float(np.mean(f1)),
    }


def _score(epoch: Epoch, recipe: Recipe) -> float:
    score = epoch.val_macro_f1 if recipe.select == "macro_f1" else epoch.val_accuracy
    return float(epoch.epoch) if score is None or recipe.select == "last" else score


def _best(history: list[Epoch], recipe: Recipe) -> int:
    """The chosen epoch's row; of equals the later, which has trained longer."""
    scores = [_score(epoch, recipe) for epoch in history]
    return max(range(len(scores)), key=lambda row: (scores[row], row))


def _stale(history: list[Epoch], recipe: Recipe) -> bool:
    return bool(recipe.patience and history and len(history) - 1 - _best(history, recipe) >= recipe.patience)


def _line(history: list[Epoch], recipe: Recipe) -> str:
    last = history[-1]
    typical = float(np.median([epoch.seconds for epoch in history]))
    left = (recipe.epochs - last.epoch) * typical
    score = "" if last.val_accuracy is None else f", {last.val_accuracy:.3f} on the validation split"
    return (
        f"epoch {last.epoch} of {recipe.epochs}: loss {last.loss:.3f}, accuracy {last.accuracy:.3f}{score}, "
        f"{last.seconds:.0f} s; {left // 60:.0f} min {left % 60:.0f} s left"
    )
