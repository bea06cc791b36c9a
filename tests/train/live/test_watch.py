"""What `train live` gives the network, where it draws, how it refuses and how it ends."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from broker import eventually, free_port

import edge
import train
from edge.camera.capture import Capture
from edge.config import load
from edge.errors import Problem
from edge.flow import Faces, Frame
from edge.model.bundle import shipped
from edge.model.card import Input
from edge.vision.crop import crop_faces
from edge.wiring import build_vision
from train.cli import main
from train.live.drawing import Shown, draw
from train.live.memory import Memory
from train.live.network import Network
from train.live.screen import Screen
from train.live.watch import Watch

INPUT = Input(width=48, height=48, channels=1, normalization="standard", margin=0.2)
SOMEBODY, ANOTHER = 7, 9


def seen(*tracks: int, x: float = 40.0) -> Faces:
    boxes = np.array([[x + 60 * n, 30, 40, 50] for n in range(len(tracks))], np.float32).reshape(-1, 4)
    count = len(boxes)
    return Faces(boxes, np.ones(count, np.float32), np.zeros((count, 6, 2), np.float32), np.array(tracks, np.int64))


def frames(draw: np.random.Generator, count: int) -> list[Frame]:
    noise = draw.integers(0, 256, (count, 120, 200, 3), np.uint8)
    return [Frame(image, number / 10, number) for number, image in enumerate(noise)]


@pytest.fixture
def draws() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_sequence_is_the_last_frames_of_a_face_cut_by_one_box(draws):
    memory, given = Memory(8), frames(draws, 11)
    for number, frame in enumerate(given):
        assert memory.held(SOMEBODY) == min(number, 8)
        assert bool(memory.crops(INPUT)) == (number >= 8)
        memory.see(frame, seen(SOMEBODY, x=40.0 + number))
    crops = memory.crops(INPUT)[SOMEBODY]
    box = seen(SOMEBODY, x=40.0 + 3 + 4).boxes  # of the middle one, as training cuts clips
    expected = [crop_faces(frame.image, box, size=48, margin=0.2)[0] for frame in given[3:]]
    assert np.array_equal(crops, expected)


def test_who_leaves_the_picture_is_forgotten(draws):
    memory, given = Memory(2), frames(draws, 5)
    memory.see(given[0], seen(SOMEBODY, ANOTHER))
    memory.see(given[1], seen(SOMEBODY, ANOTHER))
    assert set(memory.crops(INPUT)) == {SOMEBODY, ANOTHER}
    memory.see(given[2], seen(SOMEBODY))
    assert set(memory.crops(INPUT)) == {SOMEBODY}
    memory.see(given[3], seen(SOMEBODY, ANOTHER))
    assert memory.held(ANOTHER) == 1


@pytest.mark.parametrize("name", ["frame_network", "sequence_network", "mobile_sequence_network"])
def test_heat_is_of_the_last_frame_and_only_there_if_asked_for(name, request, draws):
    network = Network(request.getfixturevalue(name))
    side = network.facts.input.width
    crops = {SOMEBODY: draws.integers(0, 256, (network.frames, side, side), np.uint8)}
    plain = network.ask(crops, attention=False)[SOMEBODY]
    looked = network.ask(crops, attention=True)[SOMEBODY]
    assert sum(plain.shares) == pytest.approx(1, abs=1e-5)
    assert plain.heat is None
    assert looked.shares == pytest.approx(plain.shares, abs=1e-5)
    assert looked.heat.ndim == 2
    assert 0 <= looked.heat.min() <= looked.heat.max() <= 1


def test_heat_lies_over_the_square_the_network_saw():
    heat = np.zeros((6, 6), np.float32)
    heat[1, 4] = 1
    grey = np.full((400, 600, 3), 128, np.uint8)
    box = np.array([200, 100, 100, 120], np.float32)
    picture = cv2.imdecode(np.frombuffer(draw(grey, [Shown(1, box, 0.0, heat)], INPUT), np.uint8), cv2.IMREAD_COLOR)
    warm = picture[..., 2].astype(int) - picture[..., 0] > 60
    rows, columns = np.nonzero(warm)
    # The square around the box is 144 wide, from 178 to 322 and from 88 to 232; the cell is 24 wide.
    assert abs(columns.mean() - (178 + 4.5 * 24)) < 3
    assert abs(rows.mean() - (88 + 1.5 * 24)) < 3


def test_a_face_at_the_edge_of_the_picture_is_drawn(draws):
    heat = draws.random((6, 6)).astype(np.float32)
    grey = np.full((400, 1920, 3), 128, np.uint8)
    corners = [np.array([x, y, 90, 90], np.float32) for x in (-30, 1880) for y in (-30, 350)]
    content = draw(grey, [Shown(n, box, 0.3, heat) for n, box in enumerate(corners)], INPUT)
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (200, 960, 3)


def test_a_bundle_answers_but_has_no_gradients():
    network = Network(shipped("engagement"))
    assert network.silent == "A bundle has no gradients; give the run folder it was made from."
    answer = network.ask({SOMEBODY: np.zeros((1, 48, 48), np.uint8)}, attention=True)[SOMEBODY]
    assert (len(answer.shares), answer.heat) == (3, None)


def test_what_is_wrong_is_said_before_a_page_is_served(frame_network, clip, tmp_path, capsys):
    bundle, port = str(shipped("engagement")), str(free_port())
    damaged = tmp_path / "damaged"
    shutil.copytree(frame_network, damaged)
    facts = msgspec.json.decode((damaged / "facts.json").read_bytes())
    facts["input"] |= {"width": 64, "height": 64}
    (damaged / "facts.json").write_bytes(msgspec.json.encode(facts))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = str(taken.getsockname()[1])
        for words, complaint in (
            ([bundle, "--source", "97", "--port", port], "There is no camera /dev/video97"),
            ([bundle, "--source", "none.mp4", "--port", port], "There is no file or folder none.mp4"),
            ([bundle, "--source", str(clip), "--port", busy], f"cannot use port {busy}"),
            ([str(tmp_path / "none"), "--source", str(clip), "--port", port], "is neither a run folder"),
            ([str(shipped("detector")), "--source", str(clip), "--port", port], "finds faces"),
            (
                [str(damaged), "--source", str(clip), "--port", port],
                "takes 48 x 48 x 1 and gives 2 labels, but its facts.json says 64 x 64",
            ),
        ):
            assert main(["live", *words]) == 2
            assert complaint in capsys.readouterr().err


class Unplugged:
    """A camera that gives one picture, and is gone."""

    fps = 30.0

    def __init__(self) -> None:
        self._pictures = [np.full((240, 320, 3), 90, np.uint8)]

    def read(self) -> np.ndarray:
        if not self._pictures:
            raise Problem("Somebody pulled the plug.")
        return self._pictures.pop()

    def close(self) -> None:
        """There is nothing to close."""


def test_a_lost_camera_is_called_lost():
    screen, network = Screen(), Network(shipped("engagement"))
    vision = build_vision(load(None, {}, {}))
    with Capture(Unplugged, pace="live", back_off=(60, 60)) as camera, ThreadPoolExecutor(1) as pool:
        watch = Watch(camera, vision, network, screen, pool, "0")
        watch.step()
        turn, picture, said = screen.after(0)
        assert picture.startswith(b"\xff\xd8")
        assert (said.source, said.trouble, said.faces) == ("camera 0", "", ())
        eventually(lambda: camera.state.startswith("lost"), "the loss is noticed")
        watch.step()
        assert screen.after(turn)[2].trouble == "The camera is lost: Somebody pulled the plug."


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_and_the_page_says_so(by, browser, start, clip):
    program = start(shipped("engagement"), "--source", clip)
    tab = browser.open(program.page)
    tab.wait("%", "#faces", 120)
    assert tab.evaluate("document.querySelector('#attention').disabled")
    program.process.send_signal(by)
    out, err = program.process.communicate(timeout=180)
    assert program.process.returncode == 0
    assert out.endswith("The page has ended.\n")
    assert "Traceback" not in err
    tab.wait("The program has ended", "#trouble")


def test_a_device_has_no_live_page(tmp_path):
    """Installed without the room, as deploy/install.sh does it."""
    for program in (edge, train):
        folder = Path(program.__path__[0])
        shutil.copytree(folder, tmp_path / folder.name)
    shutil.rmtree(tmp_path / "train" / "live")
    words = "import sys; from train.cli import main; sys.exit(main(['live', 'any']))"
    # -S: a checkout that is installed in place would lend the room.
    done = subprocess.run(
        [sys.executable, "-S", "-c", words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no device has it" in done.stderr
    installer = (Path(__file__).parents[3] / "deploy" / "install.sh").read_text(encoding="utf-8")
    assert 'rm -r "$work/source/train/live"' in installer
