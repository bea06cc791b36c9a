from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from edge.service import Health, encode, state_folder
from edge.service.machine import memory_mb, temperature_c, throttling


def test_memory_is_what_the_system_says() -> None:
    assert memory_mb() == pytest.approx(psutil.Process().memory_info().rss / 2**20, rel=0.05)


def put(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_the_hottest_zone_counts_and_broken_ones_do_not(tmp_path: Path) -> None:
    assert temperature_c(tmp_path) is None
    for number, text in enumerate(("48312\n", "61770\n", "-273000\n", "n/a\n")):
        put(tmp_path, f"sys/class/thermal/thermal_zone{number}/temp", text)
    put(tmp_path, "sys/class/thermal/thermal_zone9/type", "cpu-thermal\n")
    assert temperature_c(tmp_path) == 61.8


@pytest.mark.parametrize("soc", ["soc/soc:firmware", "soc@107c000000/soc@107c000000:firmware"])
def test_a_raspberry_pi_says_what_slows_it_down(tmp_path: Path, soc: str) -> None:
    assert throttling(tmp_path) is None
    put(tmp_path, f"sys/devices/platform/{soc}/get_throttled", "50005\n")
    assert throttling(tmp_path) == ("under-voltage", "throttled")
    put(tmp_path, f"sys/devices/platform/{soc}/get_throttled", "50000\n")  # since boot, not now
    assert throttling(tmp_path) == ()


def test_health_holds_what_the_contract_promises() -> None:
    health = json.loads(
        encode(
            Health(
                status="blind",
                paused_by=None,
                clock="ok",
                purpose="education",
                region="US",
                camera="lost: unplugged",
                uptime_seconds=60,
                fps=0.0,
                detector_ms=None,
                budget_ms=None,
                dropped_frames=3,
                waiting_records=2,
                oldest_record_seconds=20,
                lost_records=0,
                declined_records=0,
                model="er-int8@3f9c21ab",
                runtime="LiteRT",
                version="0.1.0",
            )
        )
    )
    assert health["schema"] == 1
    assert health["at"].endswith("Z")
    assert health["memory_mb"] > 0
    assert {"budget_ms", "temperature_c", "throttling", "last_error", "camera", "status"} <= health.keys()


def test_the_state_folder_is_the_configured_then_systemds_then_the_users_own(tmp_path: Path) -> None:
    systemd = {"STATE_DIRECTORY": "/var/lib/edge-engage"}
    assert state_folder(str(tmp_path), systemd) == tmp_path
    assert state_folder(None, systemd) == Path("/var/lib/edge-engage")
    assert state_folder(None, {"XDG_STATE_HOME": "/x"}) == Path("/x/edge-engage")
    assert state_folder(None, {}) == Path.home() / ".local/state/edge-engage"


CODE = """
import threading, time
from edge.service import on_stop_signal
stopped = []  # not an event: setting one that the main thread waits on may lock both
on_stop_signal(lambda: stopped.append(True))
print("ready", flush=True)
while not stopped:
    time.sleep(0.01)
print("stopped", flush=True)
threading.Event().wait()  # hangs while stopping
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_first_signal_stops_and_the_second_kills(number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.stdout.readline() == "stopped\n"
    process.send_signal(number)
    assert process.wait(10) == -number
