"""Networks of both label sets, a clip of a public-domain portrait that stirs, and the program people start."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import matplotlib as mpl
import msgspec
import numpy as np
import pytest
from broker import eventually, free_port

from edge.model.card import Facts, Input, Output
from train.datasets.daisee_labels import names

FRAMES = 60


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """Somebody who sways and comes nearer, in shades of grey: all colour on the page is then the program's."""
    grey = cv2.imread(str(Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"), cv2.IMREAD_GRAYSCALE)
    portrait = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    path = tmp_path_factory.mktemp("clip") / "portrait.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 12, (960, 540))
    for number in range(FRAMES):
        turn = 2 * np.pi * number / FRAMES
        place = cv2.getRotationMatrix2D((256, 200), 4 * np.sin(turn), 0.85 + 0.06 * np.cos(turn))
        place[:, 2] += (480 - 256 + 40 * np.sin(turn), 240 - 200)
        wall = np.full((540, 960, 3), 105, np.uint8)
        writer.write(cv2.warpAffine(portrait, place, (960, 540), wall, borderMode=cv2.BORDER_TRANSPARENT))
    writer.release()
    return path


def saved(folder: Path, network: str, labels: tuple[str, ...], shape: tuple[int, ...]) -> Path:
    """A run folder with random weights: the page shows what a network says, whatever that is."""
    import keras

    from train import networks

    keras.utils.set_random_seed(0)
    model = networks.build(network, input_shape=shape, classes=len(labels))
    keras.Model(model.input, keras.layers.Softmax()(model.output)).save(folder / "model.keras")
    facts = Facts(
        kind="engagement",
        name=f"engagement-{network}",
        input=Input(width=shape[-2], height=shape[-2], channels=1, normalization="standard"),
        output=Output(labels=labels, activation="softmax"),
        licence="Apache-2.0",
        origin="tests",
        intended_use="tests",
    )
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts))
    return folder


@pytest.fixture(scope="session")
def frame_network(tmp_path_factory) -> Path:
    return saved(tmp_path_factory.mktemp("edge-net"), "edge-net", names("binary"), (48, 48, 1))


@pytest.fixture(scope="session")
def sequence_network(tmp_path_factory) -> Path:
    return saved(tmp_path_factory.mktemp("resnet18-lstm"), "resnet18-lstm", names("three"), (8, 112, 112, 1))


@pytest.fixture(scope="session")
def mobile_sequence_network(tmp_path_factory) -> Path:
    return saved(tmp_path_factory.mktemp("mobilenet-v3-lstm"), "mobilenet-v3-lstm", names("binary"), (8, 112, 112, 1))


class Program:
    """`train live` in a process of its own, whose home, temporary and working folder are an empty one."""

    def __init__(self, home: Path, *words: object) -> None:
        self.home, self.port = home, free_port()
        self.page = f"http://127.0.0.1:{self.port}/"
        outside = {name: value for name, value in os.environ.items() if name not in ("KERAS_HOME", "XDG_CACHE_HOME")}
        environment = outside | {"HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(Path(sys.executable).with_name("train")), "live", *map(str, words), "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        eventually(self._answers, "the page answers", 200)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        try:
            with urllib.request.urlopen(self.page):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Iterator[Callable[..., Program]]:
    """Each computes all the time, so none outlives the tests that look at it."""
    programs: list[Program] = []

    def begin(*words: object) -> Program:
        programs.append(Program(tmp_path_factory.mktemp("home"), *words))
        return programs[-1]

    yield begin
    for program in programs:
        program.process.terminate()
        program.process.wait(60)


@pytest.fixture(scope="module")
def live_frames(start, frame_network, clip) -> Program:
    return start(frame_network, "--source", clip)


@pytest.fixture(scope="module")
def live_sequences(start, sequence_network, clip) -> Program:
    return start(sequence_network, "--source", clip)
