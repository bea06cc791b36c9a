import cv2
import numpy as np
import pytest

from edge.flow import Faces
from edge.vision.blazeface import anchor_centres, blend
from edge.vision.boxes import overlaps
from edge.vision.tile import cut, to_frame, whole


@pytest.mark.parametrize("height", [24, 48, 100, 200])
def test_centerface_finds_a_portrait_at_any_size(detector, crowd, height):
    frame, boxes = crowd(320, 320, [(160, 160, height)])
    found = detector.find(frame)
    assert len(found) == 1
    assert overlaps(found.boxes, boxes)[0, 0] > 0.5
    right_eye, left_eye, nose, mouth = found.keypoints[0, :4]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_eye[1] < nose[1] < mouth[1]
    assert np.isnan(found.keypoints[0, 4:]).all()


def test_centerface_is_given_red_before_blue(detector, crowd):
    """The network was trained so; the other way round it is far less sure."""
    frame, _ = crowd(320, 320, [(160, 160, 22)])
    swapped = np.ascontiguousarray(frame[..., ::-1])
    assert detector.find(frame, 0.0).scores.max() > detector.find(swapped, 0.0).scores.max(initial=0)


def test_nothing_is_found_where_nothing_is(detector, blazeface):
    for finder in (detector, blazeface):
        for level in (0, 127, 255):
            assert len(finder.find(np.full((*finder.picture, 3), level, np.uint8))) == 0


def test_a_lower_limit_shows_weaker_faces_too(detector, crowd):
    frame, _ = crowd(320, 320, [(60, 60, 14), (200, 200, 60)])
    sure, all_of_them = detector.find(frame), detector.find(frame, 0.01)
    assert len(all_of_them) >= len(sure) >= 1
    assert (np.diff(all_of_them.scores) <= 0).all(), "best first"


def test_blazeface_knows_the_ears(blazeface, hopper):
    image, box = hopper
    tile = whole(image.shape[:2], blazeface.picture)
    found = to_frame(blazeface.find(cut(image, tile, blazeface.picture)), tile)
    assert len(found) == 1
    assert overlaps(found.boxes, box[None])[0, 0] > 0.5
    assert np.isfinite(found.keypoints).all()


def test_anchors_are_mediapipes():
    full, short = anchor_centres((192, 192), (4,), (1,)), anchor_centres((128, 128), (8, 16), (2, 6))
    assert len(full) == 2304
    assert len(short) == 896
    np.testing.assert_allclose(full[:2], [[2, 2], [6, 2]])
    np.testing.assert_allclose(short[[0, 1, 2, 512, 517, 518]], [[4, 4], [4, 4], [12, 4], [8, 8], [8, 8], [24, 8]])


def test_weighted_suppression_averages_what_overlaps():
    points = np.zeros((3, 6, 2), np.float32)
    boxes = np.array([[0, 0, 10, 10], [2, 0, 10, 10], [50, 50, 10, 10]], np.float32)
    blended = blend(Faces(boxes, np.array([0.6, 0.9, 0.7], np.float32), points, np.full(3, -1)))
    np.testing.assert_allclose(blended.scores, [0.9, 0.7])
    np.testing.assert_allclose(blended.boxes[0], [0.9 * 2 / 1.5, 0, 10, 10], rtol=1e-6)


def test_letterbox_leads_back_to_the_frame(hopper):
    image, _ = hopper
    tile = whole(image.shape[:2], (192, 192))
    picture = cut(image, tile, (192, 192))
    assert (picture[:, :10] == 0).all(), "the frame is taller than wide: black at its sides"
    face = Faces(np.array([[96, 96, 0, 0]], np.float32), np.ones(1, np.float32), np.full((1, 6, 2), 96.0), np.zeros(1))
    np.testing.assert_allclose(to_frame(face, tile).boxes[0, :2], [256, 300], atol=0.1)


def test_a_window_of_the_frames_own_size_copies_nothing(hopper):
    image, _ = hopper
    from edge.vision.tile import Tile

    picture = cut(image, Tile(100, 50, 1), (320, 320))
    assert np.shares_memory(picture, image)
    assert (picture == image[50:370, 100:420]).all()
    shifted = cut(image, Tile(100.5, 50, 1), (320, 320))
    assert cv2.absdiff(shifted, picture).max() > 0
