import numpy as np

from edge.vision.motion import Motion
from edge.vision.schedule import Schedule
from edge.vision.tile import Tile

TILES = tuple(Tile(x, y, 1) for y in (0, 240, 400) for x in (0, 240, 480, 720, 960))
FRAME = (720, 1280)
STILL = np.random.default_rng(0).integers(60, 180, (*FRAME, 3), np.uint8)


def run(frames, *, known=False, budget=0.008, cost=0.004, fps=15, images=None):
    """The tiles looked through in each frame, coverage, and whether known faces were looked for."""
    schedule = Schedule(TILES, (320, 320), FRAME)
    looks, coverage, again, last = [], [], [], 0.0
    for number in range(frames):
        image = STILL if images is None else images(number)
        now = number / fps
        looked, chosen = schedule.choose(image, now, now - last if known else 0.0, budget, cost)
        last = now if looked else last
        looks.append(chosen)
        again.append(looked)
        coverage.append(schedule.coverage(number / fps))
    return looks, coverage, again


def counts(looks):
    return np.bincount(np.concatenate(looks), minlength=len(TILES))


def test_the_room_is_swept_again_and_again_in_time():
    looks, coverage, _ = run(150)
    for start in range(150 - 31):
        assert set(np.concatenate(looks[start : start + 31])) == set(range(len(TILES)))
    assert min(coverage[31:]) == 1


def test_after_a_sweep_at_once_the_tiles_take_turns():
    schedule = Schedule(TILES, (320, 320), FRAME)
    most = []
    for number in range(100):
        _, chosen = schedule.choose(STILL, number / 15, 0.0, 0.1 if number == 0 else 0.004, 0.004)
        most.append(len(chosen))
        assert schedule.coverage(number / 15) == 1
    assert most[0] == len(TILES)
    assert max(most[2:]) <= 2


def test_known_faces_are_looked_for_five_times_a_second():
    assert not any(run(30)[2])
    looks, coverage, again = run(150, known=True)
    assert 45 <= sum(again) <= 50
    assert min(coverage[31:]) == 1
    assert max(map(len, looks[30:])) <= 4


def test_when_time_is_short_known_faces_and_tiles_share_it():
    looks, _, again = run(300, known=True, budget=0.001)
    assert sum(again) >= 15
    assert sum(map(len, looks)) >= 15
    assert sum(map(len, looks)) + sum(again) <= 76


def test_a_still_room_costs_less_than_a_moving_one():
    random = np.random.default_rng(1)
    squares = np.ones((80, 80, 1), np.uint8)
    scenes = [np.kron(random.integers(0, 255, (9, 16, 3), np.uint8), squares) for _ in range(2)]
    still = counts(run(100, budget=1.0)[0]).sum()
    moving = counts(run(100, budget=1.0, images=lambda n: scenes[n // 3 % 2])[0]).sum()
    assert still * 1.5 < moving


def test_only_the_tiles_that_changed_are_hurried():
    def images(number):
        frame = STILL.copy()
        frame[600:700, 1100 + 2 * (number % 40) :] = 255
        return frame

    looked = counts(run(150, images=images)[0])
    right_bottom = [i for i, w in enumerate(TILES) if w.left + 320 > 1100 and w.top + 320 > 600]
    others = [i for i in range(len(TILES)) if i not in right_bottom]
    assert looked[right_bottom].min() > looked[others].max()


def test_the_budget_is_kept():
    looks, _, again = run(100, known=True, budget=0.010, cost=0.004)
    looked = [len(chosen) + known for chosen, known in zip(looks, again, strict=True)]
    assert sum(looked) * 0.004 <= 100 * 0.010 + 0.020
    assert max(looked) <= 5


def test_a_budget_below_one_look_still_comes_round():
    looks, coverage, _ = run(150, budget=0.001, cost=0.004)
    assert set(map(len, looks)) == {0, 1}
    assert sum(map(len, looks)) >= 30
    assert 0 < coverage[-1] < 1, "and coverage says that the room was not seen in time"


def test_coverage_starts_at_what_was_looked_at():
    looks, coverage, _ = run(3)
    assert coverage[0] == len(looks[0]) / len(TILES)


def test_camera_noise_is_no_movement():
    random = np.random.default_rng(2)
    motion = Motion(np.array([[0, 0, 640, 720], [640, 0, 640, 720]], np.float32), FRAME)
    scene = np.full((*FRAME, 3), 120, np.int16)

    def noisy(change=0):
        frame = scene + random.normal(0, 6, scene.shape).astype(np.int16)
        frame[300:360, 900:950] += change
        return np.clip(frame, 0, 255).astype(np.uint8)

    assert motion.changed(noisy(), 0.0).all(), "nothing is known yet"
    motion.remember(np.array([0, 1]))
    assert not motion.changed(noisy(), 1.0).any()
    assert motion.changed(noisy(change=60), 2.0).tolist() == [False, True]
