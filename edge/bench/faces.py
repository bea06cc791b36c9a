"""`edge-engage bench --faces DIR`: how many of a folder's labelled faces are found, by their height."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.bench.faces_picture import draw
from edge.bench.matching import Result, Verdict, judge, summed
from edge.config import Config
from edge.errors import Problem
from edge.wiring import build_vision, engagement_bundle, judged_from

__all__ = ["measure_faces"]

_Boxes = dict[str, list[tuple[float, float, float, float]]]


def measure_faces(config: Config, folder: Path, *, iou: float, as_json: bool, picture: Path | None) -> int:
    """Look at every labelled picture once, everywhere, and compare."""
    labels, ignored = _labels(folder / "boxes.json"), _labels(folder / "ignore.json", optional=True)
    vision = build_vision(config)
    smallest = config.vision.smallest_face
    verdicts: list[Verdict] = []
    seconds: list[float] = []
    for name, faces in labels.items():
        image = cv2.imread(str(folder / name))
        if image is None:
            raise Problem(f"{folder / name} is named in boxes.json but cannot be read as a picture. Mend or remove it.")
        began = time.perf_counter()
        found = vision.everywhere(np.asarray(image, np.uint8))
        seconds.append(time.perf_counter() - began)
        verdicts.append(judge(found, _array(faces), _array(ignored.get(name, [])), smallest=smallest, iou=iou))
    judged = judged_from(config, engagement_bundle(config))
    result = summed(verdicts, smallest, iou, float(np.median(seconds)) * 1000, judged=judged)
    if picture is not None and not cv2.imwrite(str(picture), draw(result)):
        raise Problem(f"The picture could not be written to {picture}. Name a PNG file in a folder you may write to.")
    print(msgspec.json.format(msgspec.json.encode(result), indent=2).decode() if as_json else _table(result))
    return 0


def _table(result: Result) -> str:
    judged = f"{result.large} of the {result.found} found are large enough to be judged"
    lines = [
        f"{result.faces} faces of {result.smallest_face} pixels and more, {result.pictures} pictures, IoU {result.iou}",
        f"recall {result.recall:.3f} at precision {result.precision:.3f}; {result.milliseconds:.0f} ms a picture",
        f"{judged}: {result.smallest_judged} pixels and more",
        "",
        f"{'height':>12} {'faces':>6} {'recall':>7}",
    ]
    for part in result.by_height:
        recall = "-" if part.recall is None else f"{part.recall:.3f}"
        lines.append(f"{part.height:>12} {part.faces:>6} {recall:>7}")
    return "\n".join(lines)


def _labels(file: Path, *, optional: bool = False) -> _Boxes:
    try:
        labels = msgspec.json.decode(file.read_bytes(), type=_Boxes)
    except FileNotFoundError:
        if optional:
            return {}
        raise Problem(
            f"{file} does not exist. A labelled folder holds boxes.json: "
            '{"picture.jpg": [[x, y, width, height], ...], ...}, and may hold ignore.json of the same form.'
        ) from None
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}.") from None
    except msgspec.DecodeError as error:
        raise Problem(f'{file} is not of the form {{"picture.jpg": [[x, y, width, height], ...]}}: {error}.') from None
    if not labels and not optional:
        raise Problem(f"{file} names no picture.")
    return labels


def _array(boxes: list[tuple[float, float, float, float]]) -> NDArray[np.float32]:
    return np.array(boxes, np.float32).reshape(-1, 4)
