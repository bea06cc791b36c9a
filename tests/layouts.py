"""Small data sets, made in the layouts that published ones come in."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FER_VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")


def face(person: int, label: int, frame: int = 0, *, size: int = 48) -> NDArray[np.uint8]:
    """A drawn face: the person gives room, shape and light, the label the mouth, the frame a little movement."""
    draw = np.random.default_rng(person)
    room, light = (_clouds(draw, size) for _ in range(2))
    image = (60 + 120 * room).astype(np.uint8)
    middle = (size // 2 + int(draw.integers(-4, 5)) + frame % 3, size // 2 + int(draw.integers(-3, 4)))
    skin = np.zeros_like(image)
    axes = (size // 3 + int(draw.integers(-3, 4)), size // 2 - 4 + int(draw.integers(-3, 4)))
    cv2.ellipse(skin, middle, axes, float(draw.integers(-20, 21)), 0, 360, 255, -1)
    image = np.where(skin > 0, (90 + 150 * light).astype(np.uint8), image)
    apart = int(draw.integers(5, 11)) * size // 48
    for eye in (-1, 1):
        cv2.circle(image, (middle[0] + eye * apart, middle[1] - size // 8), size // 16, 20, -1)
    mouth = (middle[0], middle[1] + size // 5)
    cv2.ellipse(
        image, mouth, ((3 + 3 * (label % 3)) * size // 48, (1 + 2 * (label // 3)) * size // 48), 0, 0, 360, 30, -1
    )
    noise = np.random.default_rng((person, label, frame)).integers(0, 12, image.shape, dtype=np.uint8)
    return np.asarray(cv2.add(image, noise), np.uint8)


def _clouds(draw: np.random.Generator, size: int) -> NDArray[np.float64]:
    return np.clip(cv2.resize(draw.random((4, 4)), (size, size), interpolation=cv2.INTER_CUBIC), 0, 1)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def picture(path: Path, image: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def fer2013(path: Path, counts: dict[str, int]) -> Path:
    """The official CSV; `counts` names how many rows each Usage has. Every row is another person."""
    rows, person = [], 0
    for usage, count in counts.items():
        for number in range(count):
            person += 1
            pixels = " ".join(map(str, face(person, number % 7).ravel().tolist()))
            rows.append((number % 7, pixels, usage))
    return write_csv(path, ("emotion", "pixels", "Usage"), rows)


def wacv2016(folder: Path, *, subjects: int = 6, each: int = 4) -> Path:
    """Each subject in a light of their own; class 1 comes in colour and another size, as in the real set."""
    for subject in range(1, subjects + 1):
        for label in (0, 1, 2):
            for n in range(each):
                # Frames far enough apart that they are not twins.
                image = face(1000 * subject + 10 * label + n, label, n, size=100)
                image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)[:90] if label == 0 else image
                picture(folder / "dataset" / str(label + 1) / f"img{subject}_{label}{n}.jpg", image)
    return folder


def student_engagement(folder: Path, *, recordings: int = 8, each: int = 3, size: int = 64) -> Path:
    """Kaggle's two levels; every state is made of `recordings` recordings of `each` frames."""
    states = {"Engaged": ("confused", "engaged", "frustrated"), "Not engaged": ("Looking away", "bored", "drowsy")}
    label = 0
    for group, names in states.items():
        for name in names:
            for n in range(recordings * each):
                image = face(100 * label + n // each, label, n % each, size=size)
                picture(folder / group / name / f"{n:04d}.png", image)
            label += 1
    return folder


def clip(path: Path, frames: Sequence[NDArray[np.uint8]]) -> Path:
    """A really encoded clip: MJPEG in .avi, MPEG-4 in .mp4."""
    path.parent.mkdir(parents=True, exist_ok=True)
    code = cv2.VideoWriter_fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), code, 30, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(frame if frame.ndim == 3 else cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


# Boredom, engagement, confusion, frustration of the clips of one subject.
DAISEE_RATINGS = ((0, 2, 0, 0), (1, 3, 0, 0), (3, 0, 1, 0), (2, 2, 0, 0), (1, 1, 1, 0), (0, 1, 3, 0))


def daisee(folder: Path, *, subjects: int = 2, frames: int = 26, size: int = 64) -> Path:
    """DAiSEE's tree, encoded. Each subject has one `.mp4`; Train has a broken, a lost and an unlisted clip."""
    subject = 110000
    for split in ("Train", "Validation", "Test"):
        rows = []
        for _ in range(subjects):
            subject += 1
            for n, ratings in enumerate(DAISEE_RATINGS):
                name = f"{subject}10{n:02d}"
                suffix = ".mp4" if n == 1 else ".avi"
                pictures = [face(subject, ratings[1], frame, size=size) for frame in range(frames)]
                clip(folder / "DataSet" / split / str(subject) / name / f"{name}{suffix}", pictures)
                rows.append((f"{name}.avi", *ratings))
        if split == "Train":
            broken = folder / "DataSet" / split / str(subject) / "broken" / "broken.avi"
            broken.parent.mkdir()
            broken.write_bytes(b"RIFF\0\0 this is no clip")
            unlisted = folder / "DataSet" / split / str(subject) / "unlisted" / "unlisted.avi"
            clip(unlisted, [face(1, 1, size=size)] * 10)
            rows += [("broken.avi", 0, 3, 0, 0), ("lost.avi", 0, 3, 0, 0)]
        # The published header has a space after its last name.
        header = ("ClipID", "Boredom", "Engagement", "Confusion", "Frustration ")
        write_csv(folder / "Labels" / f"{split}Labels.csv", header, rows)
    return folder
