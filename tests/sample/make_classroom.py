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
from typing import Any

import cv2
import numpy as np

WIDTH, HEIGHT, FPS, SECONDS = 1280, 720, 15, 20
HORIZON = 110  # the camera hangs 60 cm above seated heads: one face height lower = one third nearer
NECK = (128, 152, 198)
FRONTAL, PROFILE = 32, 80  # degrees: looks to the camera up to the first, hides the face from the second

Image = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Portrait:
    """A head cut out of a picture: where its edge, its face (x, y, w, h) and its hairline lie."""

    picture: Image
    outline: list[tuple[int, int]]
    face: tuple[int, int, int, int]
    colour: float
    """How much of its colour to keep: the two were printed very differently."""
    new_hair: bool
    """Whether hair is drawn over the top of the head (instead of a uniform cap)."""


@dataclass(frozen=True)
class Seat:
    number: int
    x: int
    face: int
    """Height of the face in pixels: its distance."""
    who: int
    flip: bool
    hair: tuple[int, int, int]
    skin: float
    cloth: tuple[int, int, int]
    turns: tuple[tuple[float, float, int], ...] = ()
    """Begin, end, and degrees of each look away."""
    away: tuple[float, float] | None = None
    book: tuple[float, float] | None = None
    """When a book hides the face."""

    @property
    def y(self) -> float:
        return HORIZON + 3.05 * self.face


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


def portraits() -> tuple[Portrait, Portrait]:
    import matplotlib as mpl
    import skimage

    collins = cv2.imread(str(Path(skimage.__file__).parent / "data" / "astronaut.png"))
    hopper = cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    edge_of_collins = [
        *[(248, 18), (227, 16), (205, 21), (189, 30), (177, 42), (163, 51), (156, 58), (154, 92), (157, 104)],
        *[(170, 116), (174, 128), (182, 132), (186, 152), (187, 176), (200, 186), (241, 186), (250, 182)],
        *[(257, 160), (265, 146), (266, 137), (275, 134), (290, 117), (299, 97), (299, 72), (296, 58), (276, 31)],
    ]
    edge_of_hopper = [
        *[(196, 62), (172, 84), (158, 110), (154, 165), (155, 200), (158, 216), (162, 228), (171, 262), (167, 280)],
        *[(174, 288), (202, 300), (205, 330), (210, 343), (326, 343), (329, 312), (341, 302), (350, 283), (356, 266)],
        *[(361, 262), (367, 236), (370, 223), (374, 201), (374, 188), (372, 160), (368, 115), (352, 84), (330, 60)],
        *[(296, 44), (262, 40), (228, 46)],
    ]
    return (
        Portrait(collins, edge_of_collins, (181, 74, 86, 105), 1.0, new_hair=False),
        Portrait(hopper, edge_of_hopper, (182, 128, 172, 206), 0.6, new_hair=True),
    )


def strands(size: tuple[int, int], colour: tuple[int, int, int], seed: int) -> Image:
    """Hair: thin curved strokes of one colour in many shades, falling from the crown."""
    height, width = size
    rng = np.random.default_rng(seed)
    hair = np.full((height, width, 3), colour, np.uint8)
    reach = max(height, width)
    for _ in range(900):
        shade = np.clip(np.array(colour) * rng.uniform(0.55, 1.45) + rng.normal(0, 4, 3), 0, 255)
        radius = int(rng.uniform(0.05, 1.1) * reach)
        start = rng.uniform(0, 360)
        centre = (int(width / 2 + rng.normal(0, width / 12)), int(height * 0.16))
        arc = (int(radius * 0.62), radius)
        cv2.ellipse(hair, centre, arc, 0, start, start + rng.uniform(10, 50), shade.tolist(), 1, cv2.LINE_AA)
    return cv2.GaussianBlur(hair, (0, 0), 0.8)


def heads(portrait: Portrait, seat: Seat) -> tuple[Image, Image]:
    """The head from the front and from behind, as blue-green-red-alpha of the same size."""
    picture = portrait.picture.astype(np.float32)
    grey = cv2.cvtColor(portrait.picture, cv2.COLOR_BGR2GRAY).astype(np.float32)[..., None]
    picture = grey + (picture - grey) * portrait.colour
    alpha = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(alpha, [np.array(portrait.outline)], 255)
    alpha = cv2.GaussianBlur(alpha, (0, 0), portrait.face[3] / 80)
    x, y, w, h = portrait.face
    centre = (x + w // 2, y + h // 2)
    skin = np.zeros(alpha.shape, np.float32)
    cv2.ellipse(skin, (centre[0], centre[1] + h // 24), (int(w * 0.5), int(h * 0.56)), 0, 0, 360, 1, -1)
    skin[y + h // 2 :] = np.maximum(skin[y + h // 2 :], (np.indices(skin.shape)[0] > y + 0.86 * h)[y + h // 2 :])
    skin = cv2.GaussianBlur(skin, (0, 0), h / 22)[..., None]
    if portrait.new_hair:
        # Drawn hair with a parting hairline replaces cap and temples.
        crown = strands(alpha.shape, seat.hair, seat.number)
        line = np.zeros(alpha.shape, np.float32)
        line[: y + int(0.62 * h)] = 1
        cv2.ellipse(line, (centre[0], y + int(0.62 * h)), (int(w * 0.5), int(h * 0.6)), 0, 0, 360, 0, -1)
        line = cv2.GaussianBlur(line, (0, 0), h / 60)[..., None]
        picture = picture * (1 - line) + crown * line
    else:
        dyed = np.clip(grey / 110 * np.array(seat.hair, np.float32), 0, 255)
        picture = picture * skin + (1 - skin) * dyed
    tone = 1 + (seat.skin - 1) * skin
    front = np.dstack([np.clip(picture * tone, 0, 255), alpha])
    nape = (np.indices(alpha.shape)[0] > y + 0.93 * h)[..., None]
    behind = np.where(nape, np.array(NECK) * seat.skin, strands(alpha.shape, seat.hair, 99 + seat.number))
    back = np.dstack([behind, alpha])
    pair = (front, back)
    if seat.flip:
        pair = tuple(part[:, ::-1] for part in pair)
        centre = (alpha.shape[1] - centre[0], centre[1])
    # Cut to a canvas with the face in its middle, and to the seat's distance.
    half_w, half_h, scale = int(1.05 * h), int(1.3 * h), seat.face / h
    cut = []
    for part in pair:
        padded = cv2.copyMakeBorder(part, half_h, half_h, half_w, half_w, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
        part = padded[centre[1] : centre[1] + 2 * half_h, centre[0] : centre[0] + 2 * half_w]
        cut.append(cv2.resize(part.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return cut[0], cut[1]


def torso(seat: Seat) -> Image:
    """Neck, shoulders and chest in a pullover; the chin belongs to the top middle."""
    f = seat.face
    unit = 2 * f  # drawn at twice its size for smooth edges
    h, w = 3 * unit, 3 * unit
    sprite = np.zeros((h, w, 4), np.float32)
    neck = np.zeros((h, w), np.uint8)
    cv2.rectangle(neck, (int(w / 2 - 0.27 * unit), 0), (int(w / 2 + 0.27 * unit), int(0.5 * unit)), 255, -1)
    outline = [(-0.34, 0.2), (0, 0.36), (0.34, 0.2), (0.5, 0.27), (0.92, 0.4), (1.08, 0.62), (1.25, 2.9), (-1.25, 2.9)]
    outline += [(-1.08, 0.62), (-0.92, 0.4), (-0.5, 0.27)]
    chest = np.zeros((h, w), np.uint8)
    cv2.fillPoly(chest, [(np.array(outline) * unit + (w / 2, 0)).astype(int)], 255)
    # Rounded by blurring and cutting at the half, then a soft edge of two pixels.
    chest = ((cv2.GaussianBlur(chest, (0, 0), 0.05 * unit) > 127) * 255).astype(np.uint8)
    across = np.linspace(-1, 1, w)[None, :, None]
    down = np.linspace(0, 1, h)[:, None, None]
    weave = cv2.GaussianBlur(np.random.default_rng(seat.number).normal(0, 9, (h, w)).astype(np.float32), (0, 0), 2)
    cloth = np.array(seat.cloth, np.float32) * (1.15 - 0.9 * across**2 - 0.25 * down) + weave[..., None]
    collar = (int(w / 2), int(0.17 * unit)), (int(0.36 * unit), int(0.2 * unit))
    cv2.ellipse(cloth, *collar, 0, 0, 180, [0.7 * c for c in seat.cloth], int(0.11 * unit), cv2.LINE_AA)
    shade = np.array(NECK) * seat.skin * np.clip(0.62 + 1.2 * down, 0, 0.9)
    sprite[..., :3] = np.where(chest[..., None] > 127, cloth, shade)
    sprite[..., 3] = cv2.GaussianBlur(np.maximum(chest, neck), (0, 0), 1.5)
    return cv2.resize(np.clip(sprite, 0, 255), (w // 2, h // 2), interpolation=cv2.INTER_AREA)


def paste(frame: Image, sprite: Image, matrix: Image, clip: Image | None = None) -> None:
    """Lay a sprite over the frame through a 2x3 matrix (sprite to frame), touching only its bounds."""
    h, w = sprite.shape[:2]
    corners = np.array([[0, 0, 1], [w, 0, 1], [0, h, 1], [w, h, 1]], float) @ matrix.T
    left, top = np.maximum(np.floor(corners.min(0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(0)).astype(int) + 1, (WIDTH, HEIGHT))
    if right <= left or bottom <= top:
        return
    local = matrix.copy()
    local[:, 2] -= (left, top)
    warped = cv2.warpAffine(sprite, local, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    alpha = warped[..., 3:] / 255
    if clip is not None:
        alpha = alpha * clip[top:bottom, left:right]
    spot = frame[top:bottom, left:right]
    spot[:] = spot * (1 - alpha) + warped[..., :3] * alpha


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


def place(centre: tuple[float, float], at: tuple[float, float], roll: float, sx: float, sy: float) -> Image:
    """The matrix that scales and turns a sprite about its centre and puts that at a point."""
    angle = np.radians(roll)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * (sx, sy)
    return np.hstack([turn, (np.array(at) - turn @ np.array(centre))[:, None]])


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


def room() -> Image:
    """The empty room: a wall with windows, a notice board and a clock, and the floor."""
    wall = np.linspace(1.0, 0.86, WIDTH)[None, :, None] * np.array([196, 214, 222], np.float32)
    image = np.repeat(wall, HEIGHT, 0).astype(np.float32)
    depth = np.linspace(0, 1, HEIGHT - 330)[:, None, None]
    image[330:] = np.array([118, 140, 158]) * (0.75 + 0.3 * depth) * np.linspace(1.05, 0.9, WIDTH)[None, :, None]
    cv2.rectangle(image, (0, 318), (WIDTH, 332), (120, 138, 150), -1)
    for left in (30, 190):
        cv2.rectangle(image, (left, 18), (left + 132, 150), (235, 240, 240), -1)
        sky = np.linspace(0, 1, 112)[:, None, None]
        image[28:140, left + 10 : left + 122] = np.array([250, 232, 205]) * (1 - sky) + np.array([225, 240, 235]) * sky
        cv2.line(image, (left + 66, 24), (left + 66, 144), (225, 230, 232), 7)
    cv2.rectangle(image, (430, 22), (850, 142), (90, 128, 168), -1)
    cv2.rectangle(image, (430, 22), (850, 142), (70, 92, 116), 6)
    rng = np.random.default_rng(5)
    for x in range(448, 820, 66):
        y = int(rng.integers(34, 62))
        pastel = rng.integers(175, 246, 3).tolist()
        cv2.rectangle(image, (x, y), (x + 48, y + 62), pastel, -1)
        for line in range(y + 12, y + 56, 9):
            cv2.line(image, (x + 6, line), (x + int(rng.integers(24, 44)), line), (130, 130, 130), 1)
    cv2.circle(image, (930, 66), 30, (245, 245, 245), -1, cv2.LINE_AA)
    cv2.circle(image, (930, 66), 30, (70, 70, 70), 3, cv2.LINE_AA)
    cv2.line(image, (930, 66), (930, 46), (60, 60, 60), 3, cv2.LINE_AA)
    cv2.line(image, (930, 66), (945, 72), (60, 60, 60), 3, cv2.LINE_AA)
    cv2.rectangle(image, (1130, 30), (1250, 330), (98, 122, 150), -1)
    cv2.rectangle(image, (1130, 30), (1250, 330), (74, 92, 112), 5)
    cv2.circle(image, (1148, 190), 6, (190, 200, 205), -1, cv2.LINE_AA)
    grain = np.random.default_rng(6).normal(0, 1.6, (HEIGHT, WIDTH, 1))
    return np.clip(cv2.GaussianBlur(image, (0, 0), 1.1) + grain, 0, 255)


def desks(frame: Image, row: list[Seat]) -> None:
    """A table before every pupil, wider than the pupil and nearer to the camera."""
    for seat in row:
        f = seat.face
        near, far = HORIZON + 7.0 * f, HORIZON + 5.7 * f
        top = np.array([(-1.75, far), (1.75, far), (2.1, near), (-2.1, near)]) * (f, 1) + (seat.x, 0)
        cv2.fillPoly(frame, [top.astype(int)], (112, 158, 190), cv2.LINE_AA)
        left, right = int(seat.x - 2.1 * f), int(seat.x + 2.1 * f)
        cv2.rectangle(frame, (left, int(near)), (right, int(near + 0.22 * f)), (84, 122, 150), -1)
        cv2.rectangle(frame, (left, int(near + 0.22 * f)), (right, int(near + 2.2 * f)), (112, 122, 128), -1)
        page = np.array([(-0.9, 0.35), (-0.05, 0.3), (0, 0.85), (-0.95, 0.9)]) * (f, near - far) + (seat.x, far)
        cv2.fillPoly(frame, [page.astype(int)], (236, 240, 240), cv2.LINE_AA)


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
        ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "bgr24"]
        + ["-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-", "-an", "-c:v", "libx264", "-preset", "slow"]
        + ["-crf", "23", "-g", str(2 * FPS), "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-threads", "1"]
        + ["-fflags", "+bitexact", "-flags:v", "+bitexact", str(clip)],
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
