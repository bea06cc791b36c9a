"""A run folder: what a training run leaves behind, and how one is made.

    model.keras  facts.json  history.json  curves.png  seen.npy  options.json  checkpoint/

A run that was killed goes on when it is started again with the same options.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import msgspec
import numpy as np

from edge.errors import Problem
from edge.model.card import Facts, Input, Metric, Output, Training
from train import networks
from train.audit.enough import check_enough
from train.datasets.dataset import Dataset
from train.datasets.names import EXPRESSIONS
from train.files.whole import whole, write_json
from train.judging.scorer import read_facts
from train.learning import curves
from train.learning.checkpoint import Epoch
from train.learning.feed import Material, material
from train.learning.fit import Teacher, fit
from train.learning.recipe import Recipe, check
from train.learning.rehearsal import Rehearsal
from train.learning.torch_layers import shorten
from train.lineage.heritage import SEEN, Heritage, prints_of

__all__ = ["load_model", "run"]

_LICENCE = "not stated; the terms of the data it was trained on bind whoever uses it"
_USE = {
    "expressions": "Aggregated statistics over a group of at least five faces; never a judgement on one person.",
    "engagement": "A class's engagement, aggregated over at least five faces; never a judgement on one pupil.",
}


def run(
    dataset: Dataset,
    folder: Path,
    recipe: Recipe,
    *,
    options: dict[str, str],
    prepare: Callable[[keras.Model], None] | None = None,
    teacher: Teacher | None = None,
    taught: Callable[[Material], Material] | None = None,
    old: Rehearsal | None = None,
    heritage: Heritage | None = None,
    audit: str = "",
) -> list[Epoch]:
    """Train on the train split (or on all, where there is none), choose on the validation split."""
    check(recipe)
    _claim(folder, recipe, options)
    part = dataset.for_training()
    if not part.samples:
        raise Problem(f"{dataset.name} has no sample in its train split.")
    check_enough(part)
    selection = dataset.only("validation")
    training = material(part, recipe)
    _fits(training, recipe, dataset)
    if taught:
        training = taught(training)

    shorten()
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy("mixed_bfloat16" if recipe.precision == "bfloat16" else "float32")
    try:
        model = networks.build(recipe.network, input_shape=_shape(training), classes=training.classes)
        if prepare:
            prepare(model)
        began = model.get_weights()
        history = fit(
            model,
            training,
            material(selection, recipe) if selection.samples else None,
            recipe,
            folder,
            teacher=teacher,
            old=old,
            on_epoch=lambda history: curves.write(history, folder),
        )
    finally:
        keras.config.set_dtype_policy("float32")
    curves.write(history, folder)
    plain = networks.build(recipe.network, input_shape=_shape(training), classes=training.classes)
    ended = zip(began, model.get_weights(), strict=True)
    plain.set_weights([recipe.kept * before + (1 - recipe.kept) * after for before, after in ended])
    with whole(folder / "model.keras") as half:
        _export(plain).save(half)
    before = heritage or Heritage()
    with whole(folder / SEEN) as half:
        np.save(half, np.union1d(prints_of(part)[0], before.prints))
    facts = _facts(dataset, part, plain, recipe, history, audit=audit, ancestors=before.generations)
    write_json(folder / "facts.json", _with_what_was_said(facts, folder / "facts.json"))
    return history


def load_model(path: Path) -> keras.Model:
    """The network of a run folder or a `.keras` file, with its softmax."""
    file = path / "model.keras" if path.is_dir() else path
    if not file.is_file():
        raise Problem(f"{file} does not exist. Give a finished run folder or a .keras file.")
    try:
        return keras.saving.load_model(file, compile=False)
    except (ValueError, OSError, TypeError) as error:
        raise Problem(f"{file} cannot be loaded: {str(error).strip().splitlines()[0]}") from None


def _claim(folder: Path, recipe: Recipe, options: dict[str, str]) -> None:
    """Make the folder this run's, or see that it already is."""
    wanted = {"recipe": msgspec.to_builtins(recipe), **options}
    file = folder / "options.json"
    if file.exists():
        held = msgspec.json.decode(file.read_bytes())
        if held != wanted:
            raise Problem(
                f"{folder} holds a run with other options ({_difference(held, wanted)}). "
                "Give another folder, or delete that one."
            )
        return
    write_json(file, wanted)


def _difference(held: dict[str, object], wanted: dict[str, object]) -> str:
    flat = [dict(side.pop("recipe", {})) | side for side in (dict(held), dict(wanted))]  # type: ignore[call-overload]
    names = [name for name in {**flat[0], **flat[1]} if flat[0].get(name) != flat[1].get(name)]
    return ", ".join(f"{name}: {flat[0].get(name)} there, {flat[1].get(name)} now" for name in names)


def _fits(training: Material, recipe: Recipe, dataset: Dataset) -> None:
    frames = networks.network(recipe.network).frames
    given = training.crops.shape[1] if training.crops.ndim == 4 else 1
    if (frames > 1) != (given > 1):
        raise Problem(
            f"{recipe.network} sees {'sequences' if frames > 1 else 'single pictures'}, but {dataset.name} "
            f"was read as {'sequences' if given > 1 else 'single pictures'}. Choose another network, or other --frames."
        )


def _shape(training: Material) -> tuple[int, ...]:
    return (*training.crops.shape[1:], 1)


def _export(model: keras.Model) -> keras.Model:
    """Without training's leftovers and with a softmax: what is measured, converted and shipped."""
    shares = keras.layers.Softmax(name="shares")(model.output)
    return keras.Model(model.input, shares, name=model.name)


def _facts(
    dataset: Dataset,
    part: Dataset,
    model: keras.Model,
    recipe: Recipe,
    history: list[Epoch],
    *,
    audit: str,
    ancestors: tuple[Training, ...],
) -> Facts:
    kind = "expressions" if dataset.labels == EXPRESSIONS else "engagement"
    return Facts(
        kind=kind,
        name=f"{kind}-{recipe.network}",
        input=Input(
            width=recipe.size,
            height=recipe.size,
            channels=1,
            normalization=recipe.normalization,
            # On the device the crop is as much wider than the face box as these pictures were.
            margin=round((1 + dataset.margin) * (1 + recipe.margin) - 1, 3),
        ),
        output=Output(labels=dataset.labels, activation="softmax", levels=dict(dataset.levels)),
        training=Training(
            network=recipe.network,
            parameters=int(np.sum([np.prod(weight.shape) for weight in model.weights])),
            data=dataset.provenance or dataset.name,
            datasets=(dataset.name,),
            split="train" if part is not dataset else "all samples",
            subjects=len(part.marks()) or None,
            subject_marks=part.marks(),
            seed=recipe.seed,
            audit=audit,
            command=" ".join(["train", *map(_without_place, sys.argv[1:])]),
            ancestors=ancestors,
        ),
        metrics=_metrics(dataset, recipe, history),
        licence=_LICENCE,
        origin="trained by edge-engage's `train`",
        intended_use=_USE[kind],
    )


def _with_what_was_said(facts: Facts, file: Path) -> Facts:
    """A finished run that is started again gives the same network: what was measured and said of it since stays."""
    if not file.exists():
        return facts
    held = read_facts(file)
    new = {(metric.name, metric.data, metric.split) for metric in facts.metrics}
    since = (metric for metric in held.metrics if (metric.name, metric.data, metric.split) not in new)
    return msgspec.structs.replace(
        held,
        input=facts.input,
        output=msgspec.structs.replace(facts.output, temperature=held.output.temperature),
        training=facts.training,
        metrics=(*facts.metrics, *since),
    )


def _without_place(word: str) -> str:
    """Of a path its last name: a card travels, and whose folder the data lay in is nobody's business."""
    option, sign, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return option + sign + (Path(value).name if os.sep in value else value)


def _metrics(dataset: Dataset, recipe: Recipe, history: list[Epoch]) -> tuple[Metric, ...]:
    scored = [epoch for epoch in history if epoch.val_accuracy is not None]
    if not scored:
        return ()
    # The same choice as `fit` made: the best score, and of equals the later.
    key = {"accuracy": lambda e: e.val_accuracy, "macro_f1": lambda e: e.val_macro_f1, "last": lambda e: e.epoch}
    chosen = max(scored, key=lambda epoch: (key[recipe.select](epoch), epoch.epoch))
    score = {"accuracy": "accuracy", "macro_f1": "macro-F1"}.get(recipe.select)
    how = f"chosen on this split by {score}" if score else "the last one"
    note = f"epoch {chosen.epoch} of {len(history)}, {how}"
    return tuple(
        Metric(name=name, value=round(value, 4), data=dataset.name, split="validation", note=note)
        for name, value in (("accuracy", chosen.val_accuracy), ("macro F1", chosen.val_macro_f1))
        if value is not None
    )
