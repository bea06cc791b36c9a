"""Who stirs and who is a picture: the same places of frames that are drawn, without a detector."""

import cv2
import numpy as np
import pytest

from edge.vision.stillness import PATIENCE, Stillness
from edge.vision.tracking import Track

SIDE = 5 / 4  # of the drawing, in heights of the face
GREY = 70.0


class Wall:
    """Faces side by side on a wall, each cut from the portrait, of one height and contrast (in grey levels)."""

    def __init__(self, hopper, count=8, tall=20, contrast=10.0, background=GREY):
        portrait, (x, y, w, h) = hopper
        grey = cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY).astype(np.float32)
        self.face = cv2.resize(grey[int(y) - 25 : int(y + h) + 25, int(x) - 50 : int(x + w) + 50], None, fx=tall / h,
                               fy=tall / h, interpolation=cv2.INTER_AREA)  # fmt: skip
        self.face = (self.face - self.face.mean()) / self.face.std() * contrast
        self.tall, self.background, self.count = tall, background, count
        self.pitch = 2 * tall
        self.random = np.random.default_rng(tall)

    def frame(self, *, shift=0.0, noise=0.0, light=1.0):
        """`shift` moves the faces to the right, in pixels; `light` dims the room."""
        image = np.full((self.pitch, self.pitch * (self.count + 1)), self.background, np.float32)
        height, width = self.face.shape
        moved = cv2.warpAffine(self.face, np.array([[1, 0, shift], [0, 1, 0]]), (width, height), borderMode=1)
        for number in range(self.count):
            left, top = int(self.pitch * (number + 0.5)), (self.pitch - height) // 2
            image[top : top + height, left : left + width] += moved
        image = image[..., None] * light + self.random.normal(0, noise, (*image.shape, 3))
        return np.clip(np.round(image), 0, 255).astype(np.uint8)

    def tracks(self, now, shift=0.0):
        boxes = [
            (self.pitch * (n + 0.5) + 0.2 * self.tall + shift, 0.5 * self.tall, 0.8 * self.tall, self.tall)
            for n in range(self.count)
        ]
        points = np.zeros((6, 2), np.float32)
        return [
            Track(n, np.array(box, np.float32), points, 0.9, now, now, np.zeros(2, np.float32), confirmed=True)
            for n, box in enumerate(boxes)
        ]


def look(stillness, wall, seconds, *, start=0.0, every=0.2, shift=lambda _: 0.0, box=lambda _: 0.0, **how):
    """Look at the wall again and again; how many faces stir by then, after each look."""
    stirring = []
    for now in np.arange(start, start + seconds, every):
        tracks = wall.tracks(now, box(now))
        stillness.watch(wall.frame(shift=shift(now), **how), tracks, now)
        stirring.append(wall.count - len(stillness.still(tracks, now)))
    return stirring


def sway(tall):
    """A head that sways by a twentieth of its height to both sides, in three seconds."""
    return lambda now: 0.05 * tall * np.sin(2 * np.pi * now / 3)


@pytest.mark.parametrize("noise", [4, 6])
@pytest.mark.parametrize("contrast", [8, 12])
@pytest.mark.parametrize("tall", [16, 24])
def test_a_picture_never_stirs_however_dim_and_noisy(hopper, tall, contrast, noise):
    assert not any(look(Stillness(), Wall(hopper, tall=tall, contrast=contrast), 30, noise=noise))


@pytest.mark.parametrize("quality", [40, 80])
def test_a_picture_seen_through_jpeg_never_stirs(hopper, quality):
    wall, stillness = Wall(hopper), Stillness()
    for number in range(75):
        image = cv2.imdecode(cv2.imencode(".jpg", wall.frame(noise=5), [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
        stillness.watch(image, wall.tracks(number / 5), number / 5)
        assert len(stillness.still(wall.tracks(number / 5), number / 5)) == wall.count


@pytest.mark.parametrize("tall", [16, 24, 60, 200])
def test_a_head_that_sways_a_little_stirs_within_three_seconds(hopper, tall):
    stirring = look(Stillness(), Wall(hopper, count=2, tall=tall, contrast=40), 4, shift=sway(tall), noise=3)
    assert stirring[0] == 0, "not before it has stirred"
    assert min(stirring[15:]) == 2


@pytest.mark.parametrize("every", [1.1, 2.3])
def test_a_head_stirs_before_a_slow_camera_too(hopper, every):
    stirring = look(Stillness(), Wall(hopper, contrast=40), 12 * every, every=every, shift=sway(20), noise=3)
    assert stirring[-1] == 8


def test_a_dim_head_that_sways_stirs_too(hopper):
    stirring = look(Stillness(), Wall(hopper, tall=24, contrast=12), 20, shift=sway(40), noise=4)
    assert stirring[-1] == 8


def test_who_walks_stirs_whatever_is_seen_of_the_face(hopper):
    wall = Wall(hopper, contrast=40)
    assert look(Stillness(), wall, 4, shift=lambda now: 12 * now, box=lambda now: 12 * now)[-1] == wall.count


@pytest.mark.parametrize("pixels", [2.0, 14.0])
def test_a_knock_against_the_camera_is_no_stir(hopper, pixels):
    def knock(now):
        return pixels * (now > 6)

    assert not any(look(Stillness(), Wall(hopper, contrast=40), 15, shift=knock, box=knock, noise=3))


def test_a_passer_by_is_no_stir(hopper):
    """Somebody hides a half of each picture for half a second, and it is found all the same."""
    wall, stillness = Wall(hopper, contrast=40), Stillness()
    for number in range(100):
        image = wall.frame(noise=3)
        if number % 20 in {10, 11}:
            image[wall.pitch // 2 :] = 30
        stillness.watch(image, wall.tracks(number / 5), number / 5)
        assert len(stillness.still(wall.tracks(number / 5), number / 5)) == wall.count


def test_light_that_comes_goes_and_fades_is_no_stir(hopper):
    wall, stillness, stirring = Wall(hopper, contrast=40), Stillness(), []
    for start, light in ((0, 1.0), (5, 0.3), (10, 1.0)):
        stirring += look(stillness, wall, 5, start=start, light=light, noise=3)
    for number in range(50):
        stirring += look(stillness, wall, 0.2, start=15 + number / 5, light=number / 50, noise=3)
    assert not any(stirring)


def test_who_sits_like_a_picture_for_long_is_one_until_the_next_stir(hopper):
    wall, stillness = Wall(hopper, count=2, contrast=40), Stillness()
    assert look(stillness, wall, 5, shift=sway(20), noise=3)[-1] == 2
    still = look(stillness, wall, PATIENCE + 2, start=5, noise=3)
    assert still[int(5 * (PATIENCE - 3))] == 2
    assert still[-1] == 0
    assert look(stillness, wall, 5, start=PATIENCE + 7, shift=sway(20), noise=3)[-1] == 2


def test_nobody_has_stirred_after_forget(hopper):
    wall, stillness = Wall(hopper, contrast=40), Stillness()
    assert look(stillness, wall, 5, shift=sway(20), noise=3)[-1] == 8
    stillness.forget()
    assert look(stillness, wall, 10, start=5, noise=3) == [0] * 50


def test_a_place_is_forgotten_with_its_track(hopper):
    wall, stillness = Wall(hopper, contrast=40), Stillness()
    look(stillness, wall, 5, shift=sway(20), noise=3)
    stillness.watch(wall.frame(), [], 5.0)
    assert look(stillness, wall, 1, start=5.2, noise=3) == [0] * 5
