import json

import cv2
import matplotlib as mpl
import numpy as np
import pytest

from edge.bench.faces import measure_faces
from edge.bench.matching import judge, summed
from edge.config import Config
from edge.config.sections import Vision
from edge.errors import Problem
from edge.flow import Faces


def found(*rows):
    """Detections as x, y, width, height, score."""
    rows = np.array(rows, np.float32).reshape(-1, 5)
    count = len(rows)
    return Faces(rows[:, :4], rows[:, 4], np.full((count, 6, 2), np.nan, np.float32), np.full(count, -1))


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def judged(detections, faces, ignored=()):
    return judge(detections, boxes(*faces), boxes(*ignored), smallest=16, iou=0.4)


def test_each_face_is_found_once_and_the_rest_is_false():
    verdict = judged(found((0, 0, 20, 20, 0.9), (1, 1, 20, 20, 0.8), (100, 0, 20, 20, 0.7)), [(0, 0, 20, 20)])
    assert verdict.found.tolist() == [True]
    assert verdict.right.tolist() == [True, False, False]


def test_small_faces_and_ignored_regions_count_neither_way():
    detections = found((0, 0, 10, 10, 0.9), (50, 50, 20, 20, 0.8), (200, 0, 20, 20, 0.7))
    verdict = judged(detections, [(0, 0, 10, 10), (200, 0, 20, 20)], ignored=[(40, 40, 100, 100)])
    assert verdict.found.tolist() == [True, True]
    assert verdict.right.tolist() == [True]


def test_a_poor_overlap_is_a_miss_and_a_false_alarm():
    verdict = judged(found((12, 0, 20, 20, 0.9)), [(0, 0, 20, 20)])
    assert verdict.found.tolist() == [False]
    assert verdict.right.tolist() == [False]


def test_recall_precision_and_heights_add_up():
    first = judged(found((0, 0, 20, 20, 0.9), (300, 0, 30, 30, 0.3)), [(0, 0, 20, 20), (100, 0, 60, 60)])
    second = judged(found((0, 0, 40, 40, 0.8)), [(0, 0, 40, 40), (100, 0, 12, 12)])
    result = summed([first, second], 16, 0.4, 5.0, judged=30)
    assert (result.found, result.large, result.smallest_judged) == (2, 1, 30)
    assert (result.faces, result.recall, result.precision) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert result.recall_at_95 == pytest.approx(2 / 3), "above the score of the false alarm"
    assert [(part.faces, part.recall) for part in result.by_height] == [(1, 0), (1, 1), (0, None), (1, 1), (1, 0)]


@pytest.fixture
def folder(tmp_path):
    """Grace Hopper near and far, a picture without a face, and a label where no face is."""
    portrait = cv2.imread(str(mpl.get_data_path()) + "/sample_data/grace_hopper.jpg")
    (tmp_path / "sub").mkdir()
    cv2.imwrite(str(tmp_path / "near.png"), portrait)
    cv2.imwrite(str(tmp_path / "sub" / "far.png"), cv2.resize(portrait, None, fx=0.15, fy=0.15))
    cv2.imwrite(str(tmp_path / "nobody.png"), np.full((200, 300, 3), 120, np.uint8))
    box = np.array([177, 112, 181, 232])
    labels = {
        "near.png": [box.tolist()],
        "sub/far.png": [(box * 0.15).tolist()],
        "nobody.png": [[10, 10, 50, 50]],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(labels), encoding="utf-8")
    return tmp_path


def test_a_labelled_folder_is_measured(folder, capsys):
    assert measure_faces(Config(), folder, iou=0.4, as_json=True, picture=folder / "result.png") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["recall"] == pytest.approx(2 / 3)
    assert result["precision"] == 1
    assert result["pictures"] == 3
    assert result["milliseconds"] > 0
    assert result["found"] == 2
    drawn = cv2.imread(str(folder / "result.png"))
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 3


def test_the_table_says_the_same(folder, capsys):
    measure_faces(Config(), folder, iou=0.4, as_json=False, picture=None)
    shown = capsys.readouterr().out
    assert "recall 0.667 at precision 1.000" in shown
    assert "48 and more" in shown


def test_it_says_how_many_of_the_found_are_large_enough_to_be_judged(folder, capsys):
    """Grace Hopper's face is 232 pixels high near by and 35 far away."""
    for smallest, large in ((0, 2), (36, 1), (300, 0)):
        measure_faces(Config(vision=Vision(smallest_judged=smallest)), folder, iou=0.4, as_json=False, picture=None)
        said = f"{large} of the 2 found are large enough to be judged: {smallest} pixels and more"
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("boxes.json", None, "does not exist"),
        ("boxes.json", "{", "is not of the form"),
        ("boxes.json", '{"a.png": [[1, 2, 3]]}', "is not of the form"),
        ("boxes.json", "{}", "names no picture"),
        ("boxes.json", '{"gone.png": [[1, 2, 30, 40]]}', "gone.png"),
        ("ignore.json", "[]", "is not of the form"),
    ],
)
def test_a_folder_that_cannot_be_measured_says_why(folder, name, content, words):
    (folder / name).unlink(missing_ok=True)
    if content is not None:
        (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(Problem, match=words):
        measure_faces(Config(), folder, iou=0.4, as_json=True, picture=None)
