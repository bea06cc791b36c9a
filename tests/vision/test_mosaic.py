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


def best(patches, boxes):
    """For each box, how much the best of what its own patch showed overlaps it."""
    return [
        overlaps(box[None], patch.boxes).max(initial=0) if len(patch) else 0.0
        for box, patch in zip(boxes, patches, strict=True)
    ]


def test_one_look_finds_known_faces_of_all_sizes_again(detector, class_of_six):
    image, boxes = class_of_six
    moved = boxes + boxes[:, 3:] * np.array([0.15, -0.15, 0, 0], np.float32)
    assert len(boxes) <= room_for(detector)
    assert min(best(find_again(detector, image, list(moved), FINEST, 0.3), boxes)) > 0.4


def test_the_smaller_detector_finds_most_of_them_again(blazeface, class_of_six):
    image, boxes = class_of_six
    room = room_for(blazeface)
    patches = [
        p for i in range(0, 6, room) for p in find_again(blazeface, image, list(boxes[i : i + room]), FINEST, 0.3)
    ]
    assert sum(share > 0.4 for share in best(patches, boxes)) >= 4


def test_as_many_as_fit_do_not_disturb_each_other(detector, crowd):
    image, boxes = crowd(640, 480, [(70 + 160 * (i % 4), 60 + 115 * (i // 4), 44) for i in range(16)])
    patches = find_again(detector, image, list(boxes), FINEST, 0.3)
    assert len(patches) == room_for(detector) == 16
    assert min(best(patches, boxes)) > 0.4
    assert [len(patch) for patch in patches] == [1] * 16


def test_who_has_gone_is_not_found_and_seams_are_no_faces(detector, crowd):
    image, boxes = crowd(640, 480, [(100, 100, 40), (300, 100, 40)])
    places = [boxes[0], *(np.array([x, 300, 40, 48], np.float32) for x in (50, 200, 350, 500)), boxes[1]]
    patches = find_again(detector, image, places, FINEST, 0.5)
    assert [len(patch) for patch in patches] == [1, 0, 0, 0, 0, 1]


def test_places_outside_the_frame_are_looked_at_without_harm(detector, class_of_six):
    image, _ = class_of_six
    places = [np.array(box, np.float32) for box in ((-500, -500, 30, 30), (5000, 10, 20, 20), (0, 0, 0, 0))]
    assert [len(patch) for patch in find_again(detector, image, places, FINEST, 0.5)] == [0, 0, 0]
