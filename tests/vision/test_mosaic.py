import numpy as np
import pytest

from edge.vision.boxes import overlaps
from edge.vision.mosaic import find_again, room_for

SIZES = (18, 24, 40, 70, 120, 200)
FINEST = 16 / 24


@pytest.fixture(scope="module")
def class_of_six(crowd):
    """Six faces from a back row's to a near one's, the last cut by the frame's edge."""
    places = [(100, 100, 18), (250, 100, 24), (420, 110, 40), (120, 330, 70), (420, 330, 120), (750, 300, 200)]
    return crowd(820, 480, places)


def shares(faces, boxes):
    """How much the best of the faces overlaps each box."""
    return overlaps(boxes, faces.boxes).max(axis=1, initial=0)


def test_one_look_finds_known_faces_of_all_sizes_again(detector, class_of_six):
    image, boxes = class_of_six
    moved = boxes + boxes[:, 3:] * np.array([0.15, -0.15, 0, 0], np.float32)
    assert len(boxes) <= room_for(detector)
    assert shares(find_again(detector, image, moved, FINEST, 0.3), boxes).min() > 0.4


def test_the_smaller_detector_finds_most_of_them_again(blazeface, class_of_six):
    image, boxes = class_of_six
    room = room_for(blazeface)
    parts = [boxes[i : i + room] for i in range(0, 6, room)]
    found = [share for part in parts for share in shares(find_again(blazeface, image, part, FINEST, 0.3), part)]
    assert sum(share > 0.4 for share in found) >= 4


def test_as_many_as_fit_do_not_disturb_each_other(detector, crowd):
    image, boxes = crowd(640, 480, [(70 + 160 * (i % 4), 60 + 115 * (i // 4), 44) for i in range(16)])
    faces = find_again(detector, image, boxes, FINEST, 0.3)
    assert len(faces) == room_for(detector) == 16
    assert shares(faces, boxes).min() > 0.4


def test_who_has_gone_is_not_found_and_seams_are_no_faces(detector, crowd):
    image, boxes = crowd(640, 480, [(100, 100, 40), (300, 100, 40)])
    left = np.array([(x, 300, 40, 48) for x in (50, 200, 350, 500)], np.float32)
    faces = find_again(detector, image, np.concatenate([boxes[:1], left, boxes[1:]]), FINEST, 0.5)
    assert len(faces) == 2
    assert shares(faces, boxes).min() > 0.4


def test_places_outside_the_frame_are_looked_at_without_harm(detector, class_of_six):
    image, _ = class_of_six
    places = np.array([(-500, -500, 30, 30), (5000, 10, 20, 20), (0, 0, 0, 0)], np.float32)
    assert len(find_again(detector, image, places, FINEST, 0.5)) == 0
