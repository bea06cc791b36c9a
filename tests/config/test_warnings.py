from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from broker import free_port

from edge.config import load, warnings_of


def warned(**settings: object) -> list[str]:
    values = {"site.region": "US", **{key.replace("__", "."): value for key, value in settings.items()}}
    return [warning.partition(":")[0] for warning in warnings_of(load(None, None, values))]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]", "broker.localhost"])
def test_an_unencrypted_broker_on_this_machine_is_no_danger(host: str) -> None:
    assert warned(mqtt__url=f"mqtt://{host}:1883") == []


@pytest.mark.parametrize("host", ["broker.example", "192.168.1.5", "[fe80::1]", "10.0.0.1", "localhost.example"])
def test_an_unencrypted_broker_elsewhere_is_warned_of(host: str) -> None:
    said = warned(mqtt__url=f"mqtt://{host}")
    assert said == [f"The connection to {host.strip('[]')} is not encrypted".partition(":")[0]]
    assert warned(mqtt__url=f"mqtts://{host}") == []


def test_the_other_two_are_warned_of_as_well() -> None:
    assert warned(mqtt__url="mqtts://broker", mqtt__insecure=True) == ["mqtt.insecure is set"]
    (unset,) = warned(site__region=None)
    assert unset.startswith("site.region is not set")
    assert warned() == []


def test_the_warning_is_said_once_at_the_start(tmp_path: Path) -> None:
    words = ["run", "--source", str(tmp_path / "none.mp4"), "--mqtt", f"mqtt://0.0.0.0:{free_port()}"]
    said = subprocess.run([sys.executable, "-m", "edge.cli", *words], capture_output=True, text=True, check=False)
    assert said.stderr.count("The connection to 0.0.0.0 is not encrypted") == 1
