import cv2
import numpy as np
import pytest

from edge.vision.crop import crop_faces
from edge.vision.pose import orientation_counts, roll
from edge.vision.search import find_everywhere


def turned(portrait, degrees):
    """Turned clockwise, as one sees it."""
    height, width = portrait.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height * 0.38), -degrees, 0.8)
    return cv2.warpAffine(portrait, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize("degrees", [-30, -15, 0, 15, 30])
def test_roll_is_what_the_head_was_turned_by(detector, hopper, degrees):
    upright = find_everywhere(detector, hopper[0], 48)
    found = find_everywhere(detector, turned(hopper[0], degrees), 48)
    lean = np.degrees(roll(found.keypoints)[0] - roll(upright.keypoints)[0])
    assert abs(lean - degrees) < 10


def test_a_crop_turned_by_its_roll_is_upright(detector, hopper):
    picture = turned(hopper[0], 25)
    found = find_everywhere(detector, picture, 48)
    as_is = crop_faces(picture, found.boxes, size=160, margin=0.6)[0]
    righted = crop_faces(picture, found.boxes, size=160, margin=0.6, roll=roll(found.keypoints))[0]

    def lean(crop):
        colours = cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR)
        return abs(float(roll(find_everywhere(detector, colours, 48).keypoints)[0]))

    assert lean(righted) < 0.5 * lean(as_is)


def keypoints(aside=0.0, below=0.55):
    """A face 40 pixels between the eyes, 44 from eyes to mouth."""
    return np.array([[80, 100], [120, 100], [100 + 40 * aside, 100 + 44 * below], [100, 144], [70, 105], [130, 105]])


def test_faces_count_as_front_down_or_away():
    faces = np.stack(
        [keypoints(), keypoints(aside=0.2), keypoints(below=0.9), keypoints(aside=0.7), keypoints(-0.7, 0.9)]
    )
    assert orientation_counts(faces.astype(np.float32)).tolist() == [2, 1, 2]


def test_leaning_faces_are_judged_in_their_own_upright():
    angle = np.radians(35)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    faces = np.stack([keypoints() @ turn, keypoints(below=0.9) @ turn, keypoints(aside=0.7) @ turn])
    assert orientation_counts(faces.astype(np.float32)).tolist() == [1, 1, 1]


def test_faces_without_keypoints_count_nowhere():
    unknown = np.full((2, 6, 2), np.nan, np.float32)
    assert orientation_counts(unknown).tolist() == [0, 0, 0]
    assert roll(unknown).tolist() == [0, 0]
    assert orientation_counts(np.empty((0, 6, 2), np.float32)).tolist() == [0, 0, 0]


def test_a_portrait_from_the_front_looks_to_the_front(detector, hopper):
    assert orientation_counts(find_everywhere(detector, hopper[0], 48).keypoints).tolist() == [1, 0, 0]
