import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest
from broker import Mosquitto, eventually, free_port
from parts import need

PROGRAM = """
import sys
from edge.config import load
from edge.dashboard import serve
url, port, every = sys.argv[1:]
settings = {"mqtt.url": url, "site.site": "school", "site.room": "room-12", "dashboard.port": int(port)}
sys.exit(serve(load(None, {}, settings), every_room=every == "True"))
"""


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., str]]:
    """Starts the page's program and returns the page's address."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(url: str, *, every_room: bool = False) -> str:
        port = free_port()
        command = [sys.executable, "-c", PROGRAM, url, str(port), str(every_room)]
        # NiceGUI behaves otherwise in a test; the page is to be tried as people run it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        processes.append(subprocess.Popen(command, env=environment))
        page = f"http://127.0.0.1:{port}/"

        def answers() -> bool:
            assert processes[-1].poll() is None, "the page's program ended"
            try:
                with urllib.request.urlopen(page):
                    return True
            except (urllib.error.URLError, ConnectionError):
                return False

        eventually(answers, "the page answers", 60)
        return page

    yield start
    for process in processes:
        process.terminate()
        process.wait(20)


class Sensor:
    """What a sensor says, sent with Debian's mosquitto_pub."""

    def __init__(self, broker: Mosquitto, room: str = "room-12") -> None:
        self._port = str(broker.port)
        self.base = f"edge-engage/v1/school/{room}"
        self._seq = 0

    def say(self, topic: str, payload: object) -> None:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        program = need("mosquitto_pub", "mosquitto-clients")
        subprocess.run(
            [program, "-p", self._port, "-q", "1", "-r", "-t", f"{self.base}/{topic}", "-m", text], check=True
        )

    def record(self, status: str = "ok", *, engaged: float = 0.67, ago: float = 10, **more: object) -> None:
        self._seq += 1
        start = datetime.fromtimestamp(time.time() - ago, timezone.utc)
        figures = {"faces": 12, "judged": 9, "engaged": engaged, "engaged_low": 0.31, "engaged_high": 0.78}
        figures |= {"levels": {"low": 0.2, "mid": 0.3, "high": 0.5}, "coverage": 0.93}
        record = {"schema": 1, "seq": self._seq, "start": start.strftime("%Y-%m-%dT%H:%M:%SZ"), "seconds": 10}
        record |= {"status": status, "model": "engagement@3f9c21ab", "privacy": {"k": 5, "epsilon": None}}
        record |= figures if status == "ok" else {}
        self.say("engagement", record | more)


@pytest.fixture
def sensor(mosquitto: Mosquitto) -> Sensor:
    return Sensor(mosquitto)


@pytest.fixture
def make_sensor(mosquitto: Mosquitto) -> Callable[[str], Sensor]:
    return lambda room: Sensor(mosquitto, room)


@pytest.fixture(scope="module")
def page(mosquitto: Mosquitto, serve: Callable[..., str]) -> str:
    return serve(mosquitto.url)
