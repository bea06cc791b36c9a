"""What the sample classroom is drawn from: two portraits, hair, pullovers, tables and a room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

WIDTH, HEIGHT = 1280, 720
HORIZON = 110  # the camera hangs 60 cm above seated heads: one face height lower = one third nearer
NECK = (128, 152, 198)

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
    for whole in pair:
        padded = cv2.copyMakeBorder(whole, half_h, half_h, half_w, half_w, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
        part = padded[centre[1] : centre[1] + 2 * half_h, centre[0] : centre[0] + 2 * half_w]
        cut.append(cv2.resize(part.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return cut[0], cut[1]


def torso(seat: Seat) -> Image:
    """Neck, shoulders and chest in a pullover; the chin belongs to the top middle."""
    f = seat.face
    unit = 2 * f  # drawn at twice its size for smooth edges
    h, w = 6 * unit, 3 * unit
    sprite = np.zeros((h, w, 4), np.float32)
    neck = np.zeros((h, w), np.uint8)
    cv2.rectangle(neck, (int(w / 2 - 0.27 * unit), 0), (int(w / 2 + 0.27 * unit), int(0.5 * unit)), 255, -1)
    outline = [
        (-0.34, 0.2),
        (0, 0.36),
        (0.34, 0.2),
        (0.5, 0.27),
        (0.92, 0.4),
        (1.08, 0.62),
        (1.25, 2.6),
        (1, 6),
        (-1, 6),
        (-1.25, 2.6),
    ]
    outline += [(-1.08, 0.62), (-0.92, 0.4), (-0.5, 0.27)]
    chest = np.zeros((h, w), np.uint8)
    cv2.fillPoly(chest, [(np.array(outline) * unit + (w / 2, 0)).astype(int)], 255)
    # Rounded by blurring and cutting at the half, then a soft edge of two pixels.
    chest = ((cv2.GaussianBlur(chest, (0, 0), 0.05 * unit) > 127) * 255).astype(np.uint8)
    across = np.linspace(-1, 1, w)[None, :, None]
    down = np.linspace(0, 2, h)[:, None, None]
    weave = cv2.GaussianBlur(np.random.default_rng(seat.number).normal(0, 9, (h, w)).astype(np.float32), (0, 0), 2)
    cloth = np.array(seat.cloth, np.float32) * (1.15 - 0.9 * across**2 - 0.25 * down) + weave[..., None]
    cloth[int(2.75 * unit) :] = (66, 52, 46)  # trousers
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


def place(centre: tuple[float, float], at: tuple[float, float], roll: float, sx: float, sy: float) -> Image:
    """The matrix that scales and turns a sprite about its centre and puts that at a point."""
    angle = np.radians(roll)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * (sx, sy)
    return np.hstack([turn, (np.array(at) - turn @ np.array(centre))[:, None]])


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
        cv2.rectangle(frame, (left, int(near + 0.22 * f)), (right, int(near + 2.6 * f)), (112, 122, 128), -1)
        page = np.array([(-0.9, 0.35), (-0.05, 0.3), (0, 0.85), (-0.95, 0.9)]) * (f, near - far) + (seat.x, far)
        cv2.fillPoly(frame, [page.astype(int)], (236, 240, 240), cv2.LINE_AA)
