"""RTSP streams from a real server (GStreamer's), which is stopped, frozen and started again."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from broker import eventually
from parts import missing

from edge.camera import open_source
from edge.errors import Problem

SERVER = Path(__file__).parent / "rtsp_server.py"
PACKAGES = "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly python3-gi"


class Server:
    def __init__(self, *options: str) -> None:
        self.port = 0
        self.options = options

    def __enter__(self):
        command = ["/usr/bin/python3", SERVER, str(self.port), *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        port = self.process.stdout.readline()
        if not port:
            missing(
                f"The RTSP server did not start. Install it: sudo apt install {PACKAGES}\n{self.process.stderr.read()}"
            )
        self.port = int(port)
        self.url = f"rtsp://127.0.0.1:{self.port}/room"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server():
    with Server() as running:
        yield running


def test_a_stream_gives_pictures(server):
    source = open_source(server.url)
    assert source.read().shape == (240, 320, 3)
    assert source.fps == pytest.approx(15, abs=1)
    source.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_stream_that_dies_or_freezes_is_lost_and_recovers(server, capture, how):
    with capture(server.url, patience=2, back_off=(0.2, 0.5)) as camera:
        assert camera.latest(20)
        server.process.send_signal(how)

        def lost() -> bool:
            camera.latest(0.1)
            return camera.state.startswith("lost")

        eventually(lost, "the stream is lost", 60)
        if how == signal.SIGSTOP:
            server.process.send_signal(signal.SIGCONT)
        else:
            server.__exit__()
            server.__enter__()
        seen = camera.frames
        eventually(lambda: camera.latest(0.1) and camera.frames > seen and camera.state == "ok", "it is back", 60)


def test_an_account_is_needed_and_never_told():
    with Server("locked") as server:
        with_account = server.url.replace("//", "//teacher:chalk@")
        source = open_source(with_account)
        assert source.read() is not None
        source.close()
        with pytest.raises(Problem, match="wants a user and password") as problem:
            open_source(server.url.replace("//", "//teacher:sponge@"))
        assert "sponge" not in str(problem.value)


def test_a_path_that_is_not_there_is_named(server):
    with pytest.raises(Problem, match="has no stream /attic"):
        open_source(server.url.replace("/room", "/attic"))


def test_a_server_that_is_not_there_is_named():
    with socket.socket() as bound:  # bound but not listening: nobody answers here
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(Problem, match=f"Nothing answers at 127.0.0.1:{port}"):
            open_source(f"rtsp://127.0.0.1:{port}/room")


def test_a_server_of_another_kind_is_named():
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as web:
        port = web.stdout.readline().split("port ")[1].split()[0]
        with pytest.raises(Problem, match="another language than RTSP"):
            open_source(f"rtsp://127.0.0.1:{port}/room")
        web.kill()


@pytest.mark.parametrize("address", ["rtsp:///room", "rtsp://camera:99999/", "rtsp://no-such-host.invalid/room"])
def test_a_wrong_address_is_refused(address):
    with pytest.raises(Problem, match=r"(address|host)"):
        open_source(address)
