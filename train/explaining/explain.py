"""`train explain`: where a network looks, and how much of that is face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import Problem
from edge.model.card import Facts
from edge.vision.crop import crop_faces, whole_image
from train.datasets.dataset import Dataset, Sample, is_sequence
from train.datasets.sequences import Finder
from train.explaining.gradcam import Cam
from train.judging.scorer import normalized

__all__ = ["Attention", "Explained", "Inside", "chosen_samples", "explain", "inside"]

_BATCH = 32
_RAW = 0.6
"""A face that is less of its picture than this was not cropped before."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One picture (or sequence) as a network saw it."""

    sample: Sample
    crops: NDArray[np.uint8]
    """Time x size x size; one frame for a picture."""
    heat: NDArray[np.float32]
    """The same shape; sums to 1 a frame, or to 0 where nothing raised the score."""
    ellipse: NDArray[np.bool_]
    """size x size: the face."""
    predicted: int


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """The share of attention inside the face ellipse, mean over pictures with its 95 % interval."""

    share: float
    low: float
    high: float
    area: float
    """The share that attention spread evenly over the picture would have."""
    pictures: int


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    crops: Inside | None
    """On face crops, as the device sees them."""
    uncropped: Inside | None
    """The same pictures, shown to the network whole; None where the data hold ready crops only."""
    backend: str


def chosen_samples(dataset: Dataset, count: int, *, seed: int = 0) -> Dataset:
    """`count` samples, the same number of each label where there are as many, from as many subjects as can be."""
    draw = np.random.default_rng(seed)
    picked: list[Sample] = []
    for label in range(len(dataset.labels)):
        rows = [s for s in dataset.samples if s.label == label]
        order = [rows[n] for n in draw.permutation(len(rows))]
        seen: dict[str, int] = {}
        turns = [seen[s.group] for s in order if seen.update({s.group: seen.get(s.group, 0) + 1}) is None]
        by_turn = [order[n] for n in np.argsort(turns, kind="stable")]
        picked += by_turn[: -(-count // len(dataset.labels))]
    return replace(dataset, samples=tuple(picked))


def explain(
    network: keras.Model, facts: Facts, dataset: Dataset, find: Finder
) -> tuple[Attention, list[Explained], list[Explained]]:
    """Attention on face crops, and on the same pictures uncropped where they are more than a face."""
    size, cam = facts.input.height, Cam(network)
    crops: list[tuple[Sample, NDArray[np.uint8], NDArray[np.bool_]]] = []
    uncropped: list[tuple[Sample, NDArray[np.uint8], NDArray[np.bool_]]] = []
    for sample in dataset.samples:
        loaded = sample.load()
        frames = loaded if is_sequence(loaded) else loaded[None]
        box = find(frames[len(frames) // 2])
        picture = whole_image(frames[0])
        raw = box is not None and float(box[0, 2:].max()) < _RAW * float(picture[0, 2:].max())
        cut = picture
        if box is None:
            box = _ready(picture, dataset.margin)
        elif raw:
            uncropped.append((sample, _cut(frames, picture, size), _ellipse(box, picture, size)))
            cut = _wider(box, facts.input.margin)
        crops.append((sample, _cut(frames, cut, size), _ellipse(box, cut, size)))
    seen, seen_whole = (list(_explained(cam, network, facts, part)) for part in (crops, uncropped))
    backend = keras.backend.backend()
    return Attention(crops=inside(seen), uncropped=inside(seen_whole), backend=backend), seen, seen_whole


def inside(explained: list[Explained], *, seed: int = 0) -> Inside | None:
    """Pictures on which nothing raised the score have no attention to share out, and are left out."""
    shares, areas = [], []
    for one in explained:
        looked = one.heat.sum(axis=(1, 2)) > 0
        if looked.any():
            shares.append(float((one.heat[looked] * one.ellipse).sum(axis=(1, 2)).mean()))
            areas.append(float(one.ellipse.mean()))
    if not shares:
        return None
    draws = np.random.default_rng(seed).integers(0, len(shares), (1000, len(shares)))
    low, high = np.quantile(np.array(shares)[draws].mean(axis=1), (0.025, 0.975))
    return Inside(
        share=float(np.mean(shares)), low=float(low), high=float(high), area=float(np.mean(areas)), pictures=len(shares)
    )


def _ready(picture: NDArray[np.float32], margin: float) -> NDArray[np.float32]:
    """The face box inside a ready crop that was cut `1 + margin` times as wide."""
    return _wider(picture, 1 / (1 + margin) - 1)


def _wider(box: NDArray[np.float32], margin: float) -> NDArray[np.float32]:
    x, y, width, height = box[0]
    grown = np.array([width, height]) * (1 + margin)
    return np.array([[x + width / 2 - grown[0] / 2, y + height / 2 - grown[1] / 2, *grown]], np.float32)


def _cut(frames: NDArray[np.uint8], box: NDArray[np.float32], size: int) -> NDArray[np.uint8]:
    return np.concatenate([crop_faces(frame, box, size=size) for frame in frames])


def _ellipse(face: NDArray[np.float32], cut: NDArray[np.float32], size: int) -> NDArray[np.bool_]:
    """The ellipse inscribed in the face box, as it lies in the square that was cut around `cut`."""
    scale = size / cut[0, 2:].max()
    centre = (face[0, :2] + face[0, 2:] / 2 - cut[0, :2] - cut[0, 2:] / 2) * scale + size / 2
    half = face[0, 2:] / 2 * scale
    at = np.arange(size) + 0.5
    return ((at[None, :] - centre[0]) / half[0]) ** 2 + ((at[:, None] - centre[1]) / half[1]) ** 2 <= 1


def _explained(
    cam: Cam,
    network: keras.Model,
    facts: Facts,
    seen: list[tuple[Sample, NDArray[np.uint8], NDArray[np.bool_]]],
) -> Iterator[Explained]:
    sequences = len(network.inputs[0].shape) == 5
    for start in range(0, len(seen), _BATCH):
        part = seen[start : start + _BATCH]
        if not sequences and any(len(crops) > 1 for _, crops, _ in part):
            raise Problem(f"{facts.name} sees single pictures, the data are sequences. Read them with --frames 1.")
        x = normalized(np.stack([crops if sequences else crops[0] for _, crops, _ in part]), facts)
        predicted = np.asarray(keras.ops.convert_to_numpy(network(x, training=False))).argmax(axis=1)
        heat = cam(x, predicted)
        for (sample, crops, ellipse), warm, label in zip(part, heat, predicted.tolist(), strict=True):
            frames = warm.reshape(-1, *warm.shape[-2:])
            large = np.stack([cv2.resize(f, crops.shape[:0:-1], interpolation=cv2.INTER_LINEAR) for f in frames])
            total = large.sum(axis=(1, 2), keepdims=True)
            yield Explained(sample, crops, large / np.where(total > 0, total, 1), ellipse, label)
