"""`edge-engage demo`, as a person sees it who has just installed the thing."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest
from broker import Ear, eventually, free_port
from browser import Browser


@pytest.fixture
def browser(tmp_path) -> Iterator[Browser]:
    running = Browser(tmp_path / "chromium")
    yield running
    running.close()


@pytest.fixture
def start() -> Iterator[Callable[[int], "subprocess.Popen[str]"]]:
    running: list[subprocess.Popen[str]] = []

    def demo(port: int) -> "subprocess.Popen[str]":
        # NiceGUI behaves otherwise in a test; the demo is to be tried as people run it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        command = [sys.executable, "-m", "edge.cli", "demo", "--port", str(port)]
        running.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        )
        return running[-1]

    yield demo
    for process in running:
        process.terminate()
        process.wait(60)


def test_the_demo_shows_the_real_sensor_and_ends_cleanly(browser, start):
    port = free_port()
    demo = start(port)
    said = ""
    while "Ctrl-C ends it" not in said:
        assert demo.poll() is None, said
        said += demo.stdout.readline()
    assert f"http://127.0.0.1:{port}" in said
    broker = int(re.search(r"mosquitto_sub -p (\d+)", said)[1])
    with Ear(broker, "edge-engage/#", "-V", "311") as ear:  # amqtt knows no newer MQTT
        eventually(lambda: ear.said("engagement"), "a record on the embedded broker", 90)
        tab = browser.open(f"http://127.0.0.1:{port}/")
        tab.wait("sample-room", "h1")
        tab.wait("Live", "[role=status]", 60)

        # Fed by the broker: what the page shows is what any client hears.
        def told() -> list[dict]:
            # The first window may be withheld: a face counts once it has stirred.
            return [r for r in map(json.loads, ear.said("engagement")) if r["status"] == "ok"]

        eventually(
            lambda: tab.text(".gauge b") in {f"{100 * record['engaged']:.0f}" for record in told()},
            "the page shows a published figure",
            60,
        )
        assert told()[-1]["judged"] >= 5
        tab.click("button.pause")
        tab.wait("Nobody is watched until you resume", ".rest", 60)
        children = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGINT)
        rest, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0
        assert rest.endswith("The demo has ended.\n")
        assert "Traceback" not in rest
        assert ear.said("availability")[-1] == "offline"
    assert len(children) == 1
    assert not any(child.is_running() for child in children)
