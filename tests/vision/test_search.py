import numpy as np
import pytest

from edge.vision.boxes import overlaps, parts, strongest
from edge.vision.levels import levels
from edge.vision.search import find_everywhere, tiles_for


def assert_each_once(found, boxes):
    shared = overlaps(boxes, found.boxes)
    assert len(found) == len(boxes)
    assert (shared.max(axis=1) > 0.4).all()


def test_a_class_near_and_far_is_found_each_face_once(detector, crowd):
    places = [(100 + 130 * i, 120, 18) for i in range(9)] + [(150 + 250 * i, 320, 50) for i in range(5)]
    places += [(250 + 380 * i, 560, 150) for i in range(3)]
    frame, boxes = crowd(1280, 720, places)
    assert_each_once(find_everywhere(detector, frame, 16), boxes)


def test_no_face_is_lost_or_doubled_where_tiles_meet(detector, crowd):
    """Faces of each size are moved through a whole tile in small steps, over all seams."""
    for height in (18, 30, 60):
        for shift in range(0, 240, 30):
            frame, boxes = crowd(960, 600, [(150 + shift, 200, height), (600 + shift, 330, height)])
            assert_each_once(find_everywhere(detector, frame, 16), boxes)


def test_a_face_that_fills_the_frame_is_one_face(detector, hopper):
    image, box = hopper
    assert_each_once(
        find_everywhere(detector, np.ascontiguousarray(image[90:420, 120:420]), 16), box[None] - [120, 90, 0, 0]
    )


def test_blazeface_looks_through_tiles_too(blazeface, crowd):
    frame, boxes = crowd(640, 480, [(120, 120, 40), (400, 250, 120)])
    found = find_everywhere(blazeface, frame, 24)
    assert (overlaps(boxes, found.boxes).max(axis=1) > 0.4).all()


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (1, 700), (700, 1), (33, 20), (320, 320), (720, 1280), (3840, 2160)]
)
def test_frames_of_any_size_are_searched(detector, width, height):
    smallest = 16 if width < 2000 else 64
    assert len(find_everywhere(detector, np.zeros((height, width, 3), np.uint8), smallest)) == 0


@pytest.mark.parametrize("frame", [(1, 1), (7, 900), (240, 320), (270, 480), (720, 1280), (1280, 720), (1080, 1920)])
@pytest.mark.parametrize("smallest", [8, 16, 40, 1000])
def test_every_face_is_whole_in_some_window_at_a_size_the_detector_sees(frame, smallest):
    """The promise of the levels, for faces anywhere and of any height from the smallest to the frame's own."""
    found = levels(frame, (320, 320), finest=smallest / 24, overlap=48)
    random = np.random.default_rng(0)
    for _ in range(200):
        tall = min(float(np.exp(random.uniform(np.log(smallest), np.log(max(frame) + smallest)))), *frame)
        x, y = random.uniform(0, frame[1] - tall), random.uniform(0, frame[0] - tall)
        shown = [
            tall / level.step
            for level in found
            for w in level.tiles
            if w.left <= x + 1e-6
            and w.top <= y + 1e-6
            and x + tall <= w.left + 320 * level.step + 1e-6
            and y + tall <= w.top + 320 * level.step + 1e-6
        ]
        # Not needlessly small: either in the network's range, or as large as the whole tile allows.
        assert max(shown) >= min(15.9, tall / found[0].step) - 1e-6


def test_the_number_of_tiles_grows_with_the_smallest_face_asked_for(detector):
    counts = [len(tiles_for((720, 1280), detector, smallest)) for smallest in (64, 32, 16, 12)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_suppression_keeps_the_best_of_what_overlaps():
    boxes = np.array([[0, 0, 10, 10], [1, 1, 10, 10], [30, 0, 10, 10]], np.float32)
    assert strongest(boxes, np.array([0.5, 0.9, 0.4], np.float32), 0.4).tolist() == [1, 2]
    assert strongest(boxes[:0], np.empty(0, np.float32), 0.4).tolist() == []


def test_a_box_inside_a_much_larger_one_is_a_part_unless_it_is_much_surer():
    boxes = np.array([[0, 0, 100, 100], [20, 60, 40, 30], [200, 0, 40, 30]], np.float32)
    assert parts(boxes, np.array([0.9, 0.95, 0.9], np.float32)).tolist() == [False, True, False]
    assert parts(boxes, np.array([0.3, 0.95, 0.9], np.float32)).tolist() == [False, False, False]
