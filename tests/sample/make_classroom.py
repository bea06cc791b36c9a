"""Make the sample clip: a drawn classroom whose pupils wear two public-domain faces.

The portraits are NASA's Eileen Collins (shipped with scikit-image) and the US Navy's Grace Hopper
(shipped with matplotlib). Fifteen seats in three rows sway, nod, turn away, leave and come back;
the scene repeats after 20 seconds without a seam. Beside the clip stands the truth: for every frame
the faces that look to the camera, and those a detector may find or miss without blame.

Needs scikit-image, matplotlib and Debian's ffmpeg:
    python tests/sample/make_classroom.py edge/demo/classroom.mp4 tests/sample/classroom.json
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from classroom_drawing import (
    HEIGHT,
    WIDTH,
    Image,
    Portrait,
    Seat,
    desks,
    heads,
    paste,
    place,
    portraits,
    room,
    torso,
)

FPS, SECONDS = 15, 20
FRONTAL, PROFILE = 32, 80  # degrees: looks to the camera up to the first, hides the face from the second


BROWN, BLACK, BLOND, GREY, RED = (38, 58, 88), (28, 27, 30), (92, 150, 190), (150, 152, 158), (34, 52, 104)
SEATS = (
    # Back row.
    Seat(0, 245, 26, 0, False, BROWN, 1.0, (120, 90, 60), away=(8.5, 15.0)),
    Seat(1, 455, 27, 1, False, BLACK, 0.9, (70, 70, 160)),
    Seat(2, 562, 26, 0, True, BLACK, 0.85, (90, 130, 80), turns=((3.0, 6.0, 140),)),
    Seat(3, 722, 28, 1, True, BLOND, 1.05, (60, 60, 60)),
    Seat(4, 832, 26, 0, False, RED, 1.0, (140, 120, 170), turns=((12.0, 14.5, -75),)),
    Seat(5, 1025, 27, 1, False, BROWN, 0.95, (50, 120, 160)),
    # Middle row.
    Seat(6, 118, 52, 1, True, GREY, 1.0, (85, 60, 45)),
    Seat(7, 372, 50, 0, False, BLOND, 1.05, (80, 60, 150), turns=((7.0, 10.5, 150),)),
    Seat(8, 640, 54, 1, False, RED, 0.92, (110, 140, 90), book=(3.0, 6.5)),
    Seat(9, 905, 51, 0, True, BLACK, 0.8, (70, 110, 150), turns=((1.5, 3.5, -60), (14.0, 17.0, -140))),
    Seat(10, 1150, 50, 1, False, BROWN, 1.0, (130, 120, 110), away=(4.5, 12.5)),
    # Front row.
    Seat(11, 168, 94, 0, True, BROWN, 1.0, (150, 110, 60), turns=((9.0, 11.5, 70),)),
    Seat(12, 480, 90, 1, False, BLACK, 0.88, (60, 95, 60)),
    Seat(13, 800, 92, 0, False, BLACK, 0.92, (60, 60, 140), turns=((15.5, 18.5, -145),)),
    Seat(14, 1112, 90, 1, True, BLOND, 1.05, (125, 95, 85), away=(10.0, 17.0)),
)


def ramp(t: float, begin: float, end: float, ease: float) -> float:
    """0 outside begin..end, 1 inside, with smooth flanks of `ease` seconds outside of it."""
    x = np.clip(min((t - begin) / ease + 1, (end - t) / ease + 1), 0, 1)
    return float(x * x * (3 - 2 * x))


@dataclass(frozen=True)
class Pose:
    x: float
    y: float
    """Middle of the face."""
    roll: float
    nod: float
    yaw: float
    book: float
    shift: float
    rise: float


def pose(seat: Seat, t: float) -> Pose | None:
    """Where a pupil's head is; None while out of the room. All motion repeats after SECONDS."""
    rng = np.random.default_rng(1000 + seat.number)

    def wave(*turns: int) -> float:
        return sum(np.sin(2 * np.pi * (n * t / SECONDS + rng.random())) / len(turns) for n in turns)

    sway, bob, roll, nod, glance = wave(2, 5), wave(3, 7), wave(3, 4), wave(4, 9), wave(2, 3, 7)
    yaw = 14 * glance + sum(degrees * ramp(t, begin, end, 0.6) for begin, end, degrees in seat.turns)
    shift = rise = 0.0
    if seat.away:
        begin, end = seat.away
        side = 1 if seat.x > WIDTH / 2 else -1
        way = (WIDTH - seat.x if side > 0 else seat.x) + 1.6 * seat.face
        walk = way / (5.5 * seat.face)
        if begin + walk < t < end - walk:
            return None
        rise = 1.7 * seat.face * ramp(t, begin, end, 0.5)
        yaw += side * 85 * ramp(t, begin - 0.3, end, 0.4)
        if t > (begin + end) / 2:
            yaw = side * -85 * ramp(t, begin, end, 0.4)
        gone = (t - begin) / walk if t < (begin + end) / 2 else (end - t) / walk
        shift = side * way * float(np.clip(gone, 0, 1))
    book = ramp(t, *seat.book, 0.4) if seat.book else 0.0
    f = seat.face
    return Pose(
        seat.x + 0.16 * f * sway + shift,
        seat.y + 0.05 * f * bob + 0.07 * f * nod - rise,
        6 * roll,
        0.05 * nod,
        yaw,
        book,
        shift,
        rise,
    )


def painter(seat: Seat, portrait: Portrait) -> Callable[[Image, Pose], None]:
    """What draws one pupil into a frame."""
    front, back = heads(portrait, seat)
    chest = torso(seat)
    f = seat.face
    middle = (front.shape[1] / 2, front.shape[0] / 2)
    book = np.full((int(1.3 * f), int(1.7 * f), 4), (70, 90, 190, 255), np.float32)
    cv2.rectangle(book, (3, 3), (book.shape[1] - 4, book.shape[0] - 4), (60, 75, 160, 255), 2)
    cv2.line(book, (book.shape[1] // 2, 0), (book.shape[1] // 2, book.shape[0]), (50, 65, 140, 255), 2)

    def draw(frame: Image, p: Pose) -> None:
        at, yaw = (p.x, p.y), np.radians(p.yaw)
        matrix = place(middle, at, p.roll, 1, 1)
        shoulders = (seat.x + p.shift + 0.35 * (p.x - p.shift - seat.x), seat.y - p.rise + 0.42 * f)
        paste(frame, chest, place((chest.shape[1] / 2, 0), shoulders, 0, 1, 1))
        paste(frame, back, matrix)
        if np.cos(yaw) > 0.12:
            aside = (p.x + 0.42 * f * np.sin(yaw), p.y + 0.5 * f * p.nod)
            clip = cv2.warpAffine(back[..., 3], matrix, (WIDTH, HEIGHT))[..., None] / 255
            paste(frame, front, place(middle, aside, p.roll, np.cos(yaw) ** 0.8, 1 - abs(p.nod)), clip)
        if p.book:
            hidden = (seat.x, seat.y + 2.2 * f - 2.1 * f * p.book)
            paste(frame, book, place((book.shape[1] / 2, book.shape[0] / 2), hidden, 2, 1, 1))

    return draw


def scene() -> Iterator[tuple[Image, dict[str, list[list[int]]]]]:
    """Every frame with its truth: rows of seat, x, y, width, height."""
    people = portraits()
    painters = {seat.number: painter(seat, people[seat.who]) for seat in SEATS}
    empty = room()
    rows = [[seat for seat in SEATS if low <= seat.face < high] for low, high in ((0, 40), (40, 70), (70, 999))]
    for number in range(FPS * SECONDS):
        t = number / FPS
        frame = empty.copy()
        truth: dict[str, list[list[int]]] = {"faces": [], "unsure": []}
        for row in rows:
            for seat in row:
                p = pose(seat, t)
                if p is None:
                    continue
                painters[seat.number](frame, p)
                certainty = _certainty(seat, p)
                if certainty:
                    truth[certainty].append([seat.number, *_face_box(seat, p, people[seat.who])])
            desks(frame, row)
        # A cloud passes between seconds 9 and 13, and the lamps hum a little.
        light = 1 - 0.17 * ramp(t, 10, 12, 1.5) + 0.012 * np.sin(2 * np.pi * 3 * t / SECONDS)
        lit = cv2.GaussianBlur(frame, (0, 0), 0.6) * light
        yield np.clip(lit, 0, 255).astype(np.uint8), truth


def _certainty(seat: Seat, p: Pose) -> str | None:
    if abs(p.yaw) > PROFILE or p.book > 0.7 or not -seat.face < p.x < WIDTH + seat.face:
        return None
    inside = 0.5 * seat.face < p.x < WIDTH - 0.5 * seat.face
    return "faces" if abs(p.yaw) < FRONTAL and p.book < 0.2 and inside else "unsure"


def _face_box(seat: Seat, p: Pose, portrait: Portrait) -> list[int]:
    height = seat.face
    width = height * portrait.face[2] / portrait.face[3] * np.cos(np.radians(p.yaw)) ** 0.8
    middle = p.x + 0.42 * seat.face * np.sin(np.radians(p.yaw))
    return [round(v) for v in (middle - width / 2, p.y - height / 2, width, height)]


def main(clip: Path, truth: Path) -> None:
    encoder = subprocess.Popen(
        [
            *f"ffmpeg -y -loglevel error -f rawvideo -pix_fmt bgr24 -s {WIDTH}x{HEIGHT} -r {FPS} -i -".split(),
            *f"-an -c:v libx264 -preset slow -crf 23 -g {2 * FPS} -pix_fmt yuv420p -threads 1".split(),
            *["-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact"],
            str(clip),
        ],
        stdin=subprocess.PIPE,
    )
    assert encoder.stdin
    frames = []
    for image, faces in scene():
        encoder.stdin.write(image.tobytes())
        frames.append(faces)
    encoder.stdin.close()
    if encoder.wait() != 0:
        sys.exit("ffmpeg could not write the clip.")
    rows = ",\n".join(json.dumps(frame, separators=(",", ":")) for frame in frames)
    head = f'"width":{WIDTH},"height":{HEIGHT},"fps":{FPS},"columns":["seat","x","y","width","height"]'
    truth.write_text(f'{{{head},"frames":[\n{rows}\n]}}\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
