"""Train on from another network's weights: engagement from expressions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import keras

from edge.errors import Problem
from train.datasets.dataset import Dataset
from train.judging.scorer import read_facts
from train.learning.checkpoint import Epoch
from train.learning.recipe import TRANSFER, Recipe
from train.learning.rehearsal import rehearsal
from train.learning.run import load_model, run
from train.learning.teach import teach
from train.lineage.heritage import inherited, learned

__all__ = ["copy_weights", "transfer"]


def transfer(
    dataset: Dataset,
    source: Path,
    folder: Path,
    recipe: Recipe = TRANSFER,
    *,
    freeze: tuple[str, ...] = (),
    rehearse: Dataset | None = None,
    teachers: tuple[Path, ...] = (),
    unlabelled: Dataset | None = None,
    audit: str = "",
) -> list[Epoch]:
    """Start from the run folder or `.keras` file `source`; layers whose names start with one of `freeze` stay.

    `rehearse` is what the source was trained on: mixed in, it keeps the network from forgetting. `teachers` are
    run folders that answer the same question; their answers become part of the labels, and all that is known of
    `unlabelled` pictures. A source that answers the same question keeps its last layer.
    """
    before = load_model(source)
    old = None if rehearse is None else rehearsal(rehearse, before, recipe)

    def prepare(model: keras.Model) -> None:
        if not copy_weights(before, model, answers=_answers_the_same(source, dataset)):
            raise Problem(f"No layer of {source} fits {recipe.network}. Transfer within one family of networks.")
        for layer in _layers(model):
            if freeze and layer.name.startswith(freeze):
                layer.trainable = False

    options = {
        "data": dataset.provenance or dataset.name,
        "samples": str(len(dataset)),
        "source": str(source),
        "freeze": ", ".join(freeze),
        "rehearsed": "" if rehearse is None else f"{rehearse.provenance or rehearse.name}, {len(rehearse)} samples",
    }
    heritage = inherited(source)
    if rehearse is not None:
        heritage += learned(rehearse, network="rehearsed", split="train")
        dataset = replace(dataset, provenance=f"{dataset.provenance or dataset.name}; rehearsed: {rehearse.name}")
    if unlabelled is not None:
        options["unlabelled"] = f"{unlabelled.provenance or unlabelled.name}, {len(unlabelled)} samples"
        heritage += learned(unlabelled, network="unlabelled", split="train")
        dataset = replace(dataset, provenance=f"{dataset.provenance or dataset.name}; unlabelled: {unlabelled.name}")
    if teachers:
        options["teachers"] = ", ".join(map(str, teachers))
    for teacher in teachers:
        heritage += inherited(teacher)
    taught = partial(teach, teachers=teachers, unlabelled=unlabelled, recipe=recipe) if teachers else None
    return run(
        dataset,
        folder,
        recipe,
        options=options,
        prepare=prepare,
        taught=taught,
        old=old,
        heritage=heritage,
        audit=audit,
    )


def copy_weights(source: keras.Model, target: keras.Model, *, answers: bool = False) -> list[str]:
    """Copy every layer that both have under one name and in one shape, the last one if `answers`; gives their names."""
    given = {layer.name: layer for layer in _layers(source)}
    copied: list[str] = []
    for layer in _layers(target):
        match = given.get(layer.name)
        if match is None or (layer.name == "logits" and not answers):
            continue
        weights = match.get_weights()
        if [weight.shape for weight in weights] == [tuple(weight.shape) for weight in layer.weights]:
            layer.set_weights(weights)
            copied.append(layer.name)
    return copied


def _answers_the_same(source: Path, dataset: Dataset) -> bool:
    facts = (source if source.is_dir() else source.parent) / "facts.json"
    return facts.exists() and read_facts(facts).output.labels == dataset.labels


def _layers(model: keras.Model) -> list[keras.layers.Layer]:
    """The innermost layers that hold weights, also those of a backbone inside another model."""
    found: list[keras.layers.Layer] = []
    for layer in model.layers:
        inner = getattr(layer, "layer", layer)  # a TimeDistributed holds one
        if isinstance(inner, keras.Model):
            found += _layers(inner)
        elif layer.weights:
            found.append(layer)
    return found
