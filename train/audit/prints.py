"""What an audit keeps of every picture: a perceptual hash, a thumbnail, an exact digest and its format."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.dataset import Dataset, Sample, is_sequence

__all__ = ["FORMAT", "Prints", "fingerprints"]

FORMAT = ("log height", "log width", "aspect", "colour channels", "colourfulness", "log sharpness")
_SIDE, _THUMB, _LOW = 32, 16, 8


@dataclass(frozen=True, slots=True)
class Prints:
    hashes: NDArray[np.float32]
    """N x 63 signs (+1, -1) of the low frequencies against their median, the constant one left out."""
    mirrored: NDArray[np.float32]
    """The same of the mirrored picture."""
    thumbs: NDArray[np.float32]
    """N x 16 x 16, mean removed, unit norm: their product is a correlation."""
    digests: NDArray[np.uint64]
    """Equal where pictures are equal byte for byte."""
    formats: NDArray[np.float64]
    """N x FORMAT: what a network could read off the file instead of the face."""


def fingerprints(dataset: Dataset) -> Prints:
    """Every picture is loaded once; of a sequence the middle frame speaks for all."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        read = list(pool.map(_one, dataset.samples, chunksize=256))
    small = np.stack([small for small, _, _ in read]).astype(np.float32)
    hashes, mirrored = _hashes(small)
    side = _SIDE // _THUMB
    thumbs = small.reshape(-1, _THUMB, side, _THUMB, side).mean(axis=(2, 4))
    thumbs -= thumbs.mean(axis=(1, 2), keepdims=True)
    # A blank picture has no pattern to compare: it correlates with nothing.
    thumbs /= np.maximum(np.linalg.norm(thumbs, axis=(1, 2), keepdims=True), 1e-3)
    digests = np.array([digest for _, digest, _ in read], np.uint64)
    return Prints(hashes, mirrored, thumbs, digests, np.array([described for _, _, described in read]))


def _one(sample: Sample) -> tuple[NDArray[np.uint8], int, tuple[float, ...]]:
    image = sample.load()
    digest = hashlib.blake2b(image.tobytes() + repr(image.shape).encode(), digest_size=8).digest()
    if is_sequence(image):
        image = image[len(image) // 2]
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), int.from_bytes(digest, "big"), _format(image, np.asarray(grey, np.uint8))


def _format(image: NDArray[np.uint8], grey: NDArray[np.uint8]) -> tuple[float, ...]:
    height, width = grey.shape
    # Chroma is 0 for a grey picture, however many channels the file has.
    colour = float(np.ptp(image[::2, ::2], axis=2).mean()) if image.ndim == 3 else 0.0
    edges = float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))[1][0, 0])
    channels = 1.0 if image.ndim == 2 else float(image.shape[2])
    return (np.log(height), np.log(width), width / height, channels, colour, np.log1p(edges))


def _hashes(small: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    at, frequency = np.arange(_SIDE) + 0.5, np.arange(_LOW)
    cosines = np.cos(np.pi * frequency[:, None] * at / _SIDE).astype(np.float32)
    low = cosines @ small @ cosines.T
    # Mirroring a picture turns the sign of its odd horizontal waves.
    return _signs(low), _signs(low * (-1.0) ** frequency)


def _signs(low: NDArray[np.floating]) -> NDArray[np.float32]:
    flat = low.reshape(len(low), -1)[:, 1:]
    return np.where(flat > np.median(flat, axis=1, keepdims=True), 1, -1).astype(np.float32)
