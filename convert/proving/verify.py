"""Proves that a quantized network still is the network: both see the same pictures, and every difference is counted."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from convert.network.samples import Samples, normalized, read, uncropped
from convert.network.source import load
from convert.packing.repack import open_bundle
from convert.proving import runner
from convert.quantizing.quantize import quantize
from edge.errors import Problem
from edge.model.runtime import Network
from edge.model.temperature import tempered
from train.figures.change import compare
from train.figures.draws import Estimate

__all__ = ["Comparison", "Timing", "agreement", "compare_models", "probabilities", "run", "verify", "weak_labels"]

_TIMED = 300


@dataclass(frozen=True, slots=True)
class Timing:
    """One runtime with one set of kernels, one thread, one picture at a time."""

    runtime: str
    kernels: str
    milliseconds: float
    agreement: float
    """Share of pictures for which it gives the same answer as the float network."""


@dataclass(frozen=True, slots=True)
class Comparison:
    data: str
    samples: int
    subjects: int
    agreement: float
    divergence_mean: float
    """Total variation: the most by which the two differ in the probability of anything, 0 to 1."""
    divergence_p99: float
    figures: dict[str, dict[str, Estimate]]
    """By name, each "before", "after" and "change"; empty without labels."""
    recall: dict[str, tuple[int, float, float]]
    """By class: pictures, float recall, quantized recall."""
    subject_accuracy: dict[str, tuple[int, float, float]]
    bytes_float: int
    bytes_quantized: int
    timings: tuple[Timing, ...]
    worst: tuple[int, ...]
    """Rows of the data where the two differ most."""

    @property
    def drop(self) -> float:
        """Points lost in accuracy or macro-F1, whichever is worse; without labels, the most it can be."""
        if not self.figures:
            return 100 * (1 - self.agreement)
        return max(-100 * self.figures[name]["change"].value for name in ("accuracy", "macro-F1"))

    def json(self) -> bytes:
        """Strict: a figure that cannot be known (the AUC of a label nobody has) is null."""
        return msgspec.json.format(msgspec.json.encode(asdict(self) | {"drop": self.drop}), indent=2)


def probabilities(outputs: NDArray[np.float32], activation: str, temperature: float = 1.0) -> NDArray[np.float32]:
    """As the device makes them of what the network gives."""
    if activation == "logits":
        outputs = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return tempered(outputs / np.maximum(outputs.sum(axis=1, keepdims=True), np.float32(1e-9)), temperature)


def run(model: bytes, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The device's own runtime over all rows."""
    network = Network(model)
    batch = network.input_shape[0]
    padded = np.concatenate([x, np.repeat(x[-1:], -len(x) % batch, axis=0)])
    parts = [network.run(padded[start : start + batch])[0] for start in range(0, len(padded), batch)]
    return np.concatenate(parts)[: len(x)]


def agreement(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    return float((before.argmax(axis=1) == after.argmax(axis=1)).mean())


def compare_models(
    samples: Samples,
    labels: Sequence[str],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    *,
    bytes_float: int,
    bytes_quantized: int,
    timings: tuple[Timing, ...] = (),
    seed: int = 0,
) -> Comparison:
    """From both networks' probabilities on the same samples."""
    apart = np.abs(before - after).sum(axis=1) / 2
    known = len(samples.y) > 0
    by_class = {label: samples.y == number for number, label in enumerate(labels)} if known else {}
    by_subject = {str(group): samples.groups == group for group in np.unique(samples.groups)} if known else {}
    right = [p.argmax(axis=1) == samples.y for p in (before, after)] if known else []

    def shares(parts: dict[str, NDArray[np.bool_]]) -> dict[str, tuple[int, float, float]]:
        return {
            name: (int(rows.sum()), float(right[0][rows].mean()), float(right[1][rows].mean()))
            for name, rows in parts.items()
            if rows.any()
        }

    return Comparison(
        data=samples.name,
        samples=len(samples),
        subjects=len(np.unique(samples.groups)),
        agreement=agreement(before, after),
        divergence_mean=float(apart.mean()),
        divergence_p99=float(np.percentile(apart, 99)),
        figures=compare(samples.y, samples.groups, before, after, seed=seed) if known else {},
        recall=shares(by_class),
        subject_accuracy=shares(by_subject),
        bytes_float=bytes_float,
        bytes_quantized=bytes_quantized,
        timings=timings,
        worst=tuple(np.argsort(-apart, kind="stable")[:20].tolist()),
    )


def weak_labels(comparison: Comparison, *, least: float, most_lost: float) -> list[str]:
    """A sentence for each label that the quantized network hardly ever finds, or finds far less often than before.

    A mean over all samples hides a rare label. One sample more or less is no loss.
    """
    said: list[str] = []
    for label, (count, before, after) in comparison.recall.items():
        lost = 100 * (before - after)
        if 100 * after < least:
            said.append(f"Recall of {label} is {after:.1%} ({before:.1%} before); at least {least:g} % is asked for.")
        elif lost > most_lost and count * (before - after) > 1.5:
            said.append(f"Recall of {label} falls from {before:.1%} to {after:.1%}, by more than {most_lost:g} points.")
    return said


def time_runtimes(
    models: dict[str, bytes],
    x: NDArray[np.float32],
    before: NDArray[np.float32],
    pythons: Sequence[Path] = (),
) -> tuple[Timing, ...]:
    """Every runtime found: the one here with and without XNNPACK, and those of other Python interpreters."""
    timings = []
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs, model = (Path(folder) / name for name in ("x.npy", "y.npy", "model.tflite"))
        np.save(inputs, x)
        for python in (Path(sys.executable), *pythons):
            for name, content in models.items():
                model.write_bytes(content)
                for kernels in ("xnnpack", "builtin"):
                    said = _run_in(python, [str(model), kernels, str(inputs), str(outputs), str(_TIMED)])
                    same = agreement(before, np.load(outputs))
                    timings.append(Timing(said["runtime"], f"{name}, {kernels}", said["milliseconds"], same))
    return tuple(timings)


def _run_in(python: Path, arguments: list[str]) -> dict[str, Any]:
    # Isolated: another interpreter must not meet this one's packages.
    command = [str(python), "-I", str(Path(runner.__file__)), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own script
    except OSError as error:
        raise Problem(f"{python} cannot be started: {error.strerror}. --python wants a Python interpreter.") from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Problem(f"The model does not run under {python}: {reason}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def verify(
    bundle: Path,
    against: Path,
    data: Path,
    *,
    split: str = "validation",
    pythons: Sequence[Path] = (),
    worst: Path | None = None,
) -> Comparison:
    """Compare a bundle with the float network it was made from, on one split of the data."""
    opened = open_bundle(bundle)
    card = opened.card
    source = load(against)
    if source.shape[-3:] != (card.input.height, card.input.width, card.input.channels):
        raise Problem(f"{against} takes {source.shape}, the bundle {card.input}. They are not the same network.")
    samples = read(data, card.input, card.output.labels).only(split)
    x = normalized(samples, source.shape, card.input.normalization)
    reason = uncropped(samples)
    if reason:
        print(f"NOTE  {reason}", file=sys.stderr)
    floats = source.predict(x)
    if floats.shape[1] != len(card.output.labels):
        raise Problem(f"{against} gives {floats.shape[1]} labels, the bundle {len(card.output.labels)}.")
    temperature = card.output.temperature
    before = probabilities(floats, source.activation, temperature)
    after = probabilities(run(opened.model, x), card.output.activation, temperature)
    floating = quantize(source, "float32")
    timings = time_runtimes({"float32": floating, card.quantization.dtype: opened.model}, x, before, pythons)
    if worst is not None:
        worst_picture(worst, samples, card.output.labels, before, after)
    return compare_models(
        samples,
        card.output.labels,
        before,
        after,
        bytes_float=len(floating),
        bytes_quantized=len(opened.model),
        timings=timings,
    )


def worst_picture(
    file: Path, samples: Samples, labels: Sequence[str], before: NDArray[np.float32], after: NDArray[np.float32]
) -> None:
    """The samples where float and quantized differ most. It shows people's faces: keep it where the data are kept."""
    apart = np.abs(before - after).sum(axis=1) / 2
    tiles = []
    for row in np.argsort(-apart, kind="stable")[:20]:
        picture = samples.x[row]
        if picture.ndim == 3:
            picture = picture[len(picture) // 2]  # the middle of a sequence
        tile = np.full((180, 140, 3), 255, np.uint8)
        tile[:140] = cv2.resize(picture, (140, 140), interpolation=cv2.INTER_AREA)[..., None]
        for line, p in enumerate((before[row], after[row])):
            text = f"{labels[p.argmax()]} {p.max():.2f}"
            cv2.putText(tile, text, (2, 155 + 18 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
        tiles.append(tile)
    tiles += [np.full((180, 140, 3), 255, np.uint8)] * (-len(tiles) % 5)
    rows = [np.concatenate(tiles[start : start + 5], axis=1) for start in range(0, len(tiles), 5)]
    done, content = cv2.imencode(".png", np.concatenate(rows))
    assert done
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Problem(f"{file} could not be written: {error.strerror}.") from None
