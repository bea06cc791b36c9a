"""Our BlazeFace against MediaPipe's own, which runs in an environment of its own."""

import json
import os
import subprocess
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pytest
from parts import missing

from edge.model.bundle import load, shipped
from edge.model.runtime import Network
from edge.vision.blazeface import BlazeFace
from edge.vision.tile import cut, to_frame, whole

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def mediapipe_python(request):
    folder = request.config.cache.mkdir("mediapipe")
    made = subprocess.run([HERE / "mediapipe_env.sh", folder], capture_output=True, text=True, check=False, timeout=240)
    if made.returncode:
        missing(f"MediaPipe could not be installed beside us: {made.stderr.strip().splitlines()[-1]}")
    return Path(made.stdout.strip())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two public-domain portraits, near and far, alone and in a class, mirrored, turned and cut by the edge."""
    hopper = cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    clip = cv2.VideoCapture(str(HERE.parents[1] / "edge" / "demo" / "classroom.mp4"))
    seen = []
    for _ in range(5):
        seen.append(clip.read()[1])
        for _ in range(40):
            clip.grab()
    front_row = [
        cv2.resize(frame[250:700], None, fx=zoom, fy=zoom)
        for frame, zoom in zip(seen, (1, 0.7, 1.3, 2, 0.5), strict=True)
    ]
    seats = [seen[0][220:620, 40:400], seen[1][220:620, 360:620], seen[2][200:600, 660:960]]
    turned = cv2.warpAffine(hopper, cv2.getRotationMatrix2D((256, 300), 25, 1), (512, 600))
    crowd = np.full((480, 900, 3), 90, np.uint8)
    for place, height in ((10, 120), (180, 200), (400, 300), (690, 60), (760, 30)):
        small = cv2.resize(hopper, (height * 512 // 600, height), interpolation=cv2.INTER_AREA)
        crowd[100 : 100 + height, place : place + small.shape[1]] = small[:, : 900 - place]
    several = [hopper, hopper[:, ::-1], hopper[80:350, :260], turned, crowd, *seen, *front_row, *seats]
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{number}.png" for number in range(len(several))]
    for path, picture in zip(paths, several, strict=True):
        cv2.imwrite(str(path), picture)
    return paths


def faces_by_mediapipe(python, model, pictures):
    command = [python, HERE / "mediapipe_faces.py", str(model), *pictures]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=120, env={**os.environ, "GLOG_minloglevel": "2"}
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def assert_same(detector, pictures, expected):
    assert sum(len(faces) for faces in expected) >= 6, "the pictures must show enough faces to compare"
    for path, faces in zip(pictures, expected, strict=True):
        image = cv2.imread(str(path))
        tile = whole(image.shape[:2], detector.picture)
        found = to_frame(detector.find(cut(image, tile, detector.picture)), tile)
        assert len(found) == len(faces), f"{path}: {len(found)} faces, MediaPipe finds {len(faces)}"
        faces.sort(key=lambda face: -face["score"])
        for row, face in enumerate(faces):
            np.testing.assert_allclose(found.boxes[row], face["box"], atol=1)
            np.testing.assert_allclose(found.scores[row], face["score"], atol=0.01)
            np.testing.assert_allclose(found.keypoints[row], face["points"], atol=1)


def test_full_range_finds_what_mediapipe_finds(mediapipe_python, pictures):
    bundle = load(shipped("detector-blazeface"), kind="detector")
    anchors = bundle.card.anchors
    detector = BlazeFace(
        Network(bundle.model),
        strides=anchors.strides,
        anchors_per_cell=anchors.anchors_per_cell,
        min_score=anchors.min_score,
    )
    assert_same(detector, pictures, faces_by_mediapipe(mediapipe_python, 1, pictures))


def test_short_range_finds_what_mediapipe_finds(mediapipe_python, pictures):
    models = mediapipe_python.parents[1].glob("lib/python*/site-packages/mediapipe/modules/face_detection")
    model = (next(models) / "face_detection_short_range.tflite").read_bytes()
    detector = BlazeFace(Network(model), strides=(8, 16), anchors_per_cell=(2, 6), min_score=0.5)
    assert_same(detector, pictures, faces_by_mediapipe(mediapipe_python, 0, pictures))
