"""The installer and the unit on a real Debian with a real systemd, publishing to a real broker."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator

import pytest
from broker import Ear, Mosquitto, eventually
from machine import Machine
from parts import need

CLIP = "/src/edge/demo/classroom.mp4"
PYTHON_LIBRARY = "/usr/lib/python3.11"
pytestmark = pytest.mark.timeout(900)  # the first run builds a Debian tree

CONFIG = "/etc/edge-engage/config.toml"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    folder = tmp_path_factory.mktemp("broker")
    passwords = folder / "passwords"
    subprocess.run([need("mosquitto_passwd", "mosquitto"), "-b", "-c", passwords, "room-1", "s3cret"], check=True)
    with Mosquitto(folder, f"allow_anonymous false\npassword_file {passwords}") as running:
        yield running


@pytest.fixture(scope="module")
def installed(machine: Machine, broker: Mosquitto) -> Machine:
    """Installed by the installer, which found no camera; configured by hand, not yet started."""
    result = machine.install(check=False)
    assert result.returncode == 2, result.stderr
    assert "no frames flow; the sensor keeps trying" in result.stderr
    assert "/dev/video0" in result.stderr  # the sensor's own words
    assert machine.unit("StatusText").startswith("Camera lost: There is no camera /dev/video0.")
    assert (machine.unit("ActiveState"), machine.unit("NRestarts")) == ("activating", "0"), "it stays, and waits"
    machine.run("systemctl", "stop", "edge-engage")
    machine.put("/etc/edge-engage/mqtt-password", "s3cret\n")
    machine.put(
        CONFIG,
        f"""
        site.room = "room-1"
        camera.source = "/srv/feed"
        camera.loop = true
        window.seconds = 2
        mqtt.url = "{broker.url}"
        mqtt.username = "room-1"
        """,
    )
    return machine


def ear(broker: Mosquitto) -> Ear:
    return Ear(broker.port, "edge-engage/v1/school/room-1/#", "-u", "room-1", "-P", "s3cret")


def active(machine: Machine) -> bool:
    return machine.unit("ActiveState") == "active"


def test_the_installer_says_what_is_missing(machine: Machine) -> None:
    machine.run("mv", f"{PYTHON_LIBRARY}/ensurepip", f"{PYTHON_LIBRARY}/away")
    without_venv = machine.install(check=False)
    machine.run("mv", f"{PYTHON_LIBRARY}/away", f"{PYTHON_LIBRARY}/ensurepip")
    for result, words in (
        (without_venv, "apt install python3-venv"),
        (machine.run("setpriv", "--reuid=65534", "/src/deploy/install.sh", check=False), "Run: sudo"),
        (machine.install("--nostart", check=False), "what is --nostart?"),
        (machine.run("/src/deploy/install.sh", "--wheels", "/none", check=False), "/none is none"),
        (machine.run("env", "PYTHON=python9", "/src/deploy/install.sh", check=False), "there is no python9 here"),
    ):
        assert result.returncode == 2
        assert words in result.stderr
    assert machine.run("ls", "/opt").stdout == ""


def test_the_device_set_is_small(installed: Machine) -> None:
    megabytes = int(installed.run("du", "-s", "--block-size=1MB", "/opt/edge-engage").stdout.split()[0])
    assert megabytes <= 350


def test_the_device_cannot_show_single_faces(installed: Machine) -> None:
    assert installed.run("find", "/opt/edge-engage", "-path", "*/train/live*").stdout == ""
    refused = installed.run("/opt/edge-engage/bin/train", "live", "any", check=False)
    assert refused.returncode == 2
    assert "no device has it" in refused.stderr


def test_the_unit_is_sound_and_confined(installed: Machine) -> None:
    verified = installed.run("systemd-analyze", "verify", "edge-engage.service")
    assert verified.stdout + verified.stderr == ""
    rating = installed.run("systemd-analyze", "security", "--no-pager", "edge-engage.service").stdout
    assert float(rating.split("Overall exposure level for edge-engage.service: ")[1].split()[0]) < 2


def test_the_unit_keeps_memory_out_of_dumps_and_swap(installed: Machine) -> None:
    assert (installed.unit("LimitCORE"), installed.unit("MemorySwapMax")) == ("0", "0")


def test_it_is_active_only_once_frames_flow(installed: Machine) -> None:
    # A pipe that nobody writes to: the camera is there, and gives nothing.
    installed.run("mkfifo", "--mode=644", "/srv/feed")
    installed.run("systemctl", "start", "--no-block", "edge-engage")
    eventually(lambda: installed.unit("MainPID") != "0", "the sensor is started")
    until = time.monotonic() + 5
    while time.monotonic() < until:
        assert installed.unit("ActiveState") == "activating"
        time.sleep(0.2)
    # The clip takes the pipe's place, and whoever waits at the pipe is let go.
    installed.run("mv", "/srv/feed", "/srv/pipe")
    installed.run("ln", "-s", CLIP, "/srv/feed")
    installed.run("sh", "-c", f"head -c 16 {CLIP} > /srv/pipe")
    eventually(lambda: active(installed), "it is active", seconds=60)
    eventually(lambda: installed.unit("StatusText") == "Frames flow. Records are delivered.", "both halves are told")


@pytest.fixture(scope="module")
def sensor(installed: Machine) -> Machine:
    """Installed and active, with the clip as its camera."""
    installed.run("ln", "-sf", CLIP, "/srv/feed")
    installed.run("systemctl", "start", "edge-engage")
    return installed


def test_records_reach_a_broker_that_asks_for_a_password(sensor: Machine, broker: Mosquitto) -> None:
    with ear(broker) as listener:
        listener.wait("availability", "online")
        listener.wait("state", "running")
        eventually(lambda: listener.said("health"), "it says how it is", seconds=60)
        eventually(
            lambda: any(json.loads(record)["status"] == "ok" for record in listener.said("engagement")),
            "a class is told",
            seconds=60,
        )
    assert json.loads(listener.said("health")[-1])["status"] == "running"
    main = sensor.unit("MainPID")
    assert "s3cret" not in sensor.run("cat", f"/proc/{main}/cmdline", f"/proc/{main}/environ").stdout
    assert sensor.run("stat", "-c", "%U", f"/proc/{main}").stdout.strip() == "edge-engage"


def test_a_killed_sensor_comes_back(sensor: Machine, broker: Mosquitto) -> None:
    with ear(broker) as listener:
        listener.wait("availability", "online")
        before, restarts = sensor.unit("MainPID"), int(sensor.unit("NRestarts"))
        sensor.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "edge-engage")
        listener.wait("availability", "offline")
        eventually(lambda: active(sensor) and sensor.unit("MainPID") != before, "it is back", seconds=60)
        listener.wait("availability", "online")
    assert int(sensor.unit("NRestarts")) == restarts + 1


def test_a_hung_sensor_is_restarted_by_the_watchdog(sensor: Machine) -> None:
    folder = "/run/systemd/system/edge-engage.service.d"
    sensor.run("mkdir", "-p", folder)
    sensor.put(f"{folder}/soon.conf", "[Service]\nWatchdogSec=3\n")
    sensor.run("systemctl", "daemon-reload")
    sensor.run("systemctl", "restart", "edge-engage")
    before = sensor.unit("MainPID")
    time.sleep(6)  # twice the watchdog's patience: frames keep it content
    assert sensor.unit("MainPID") == before
    sensor.run("systemctl", "kill", "--signal=STOP", "edge-engage")
    eventually(lambda: sensor.unit("MainPID") not in ("0", before), "it is started anew", seconds=60)
    eventually(lambda: active(sensor), "it is back", seconds=60)
    assert "Watchdog timeout" in sensor.run("journalctl", "--no-pager", "-u", "edge-engage").stdout
    sensor.run("rm", "-r", folder)
    sensor.run("systemctl", "daemon-reload")


def test_a_stop_is_clean(sensor: Machine, broker: Mosquitto) -> None:
    with ear(broker) as listener:
        listener.wait("availability", "online")
        sensor.run("systemctl", "stop", "edge-engage")
        listener.wait("availability", "offline")
    assert sensor.unit("ActiveState") == "inactive"
    assert (sensor.unit("Result"), sensor.unit("ExecMainStatus")) == ("success", "0")
    sensor.run("systemctl", "start", "edge-engage")


def test_installing_again_keeps_the_configuration_and_goes_on(sensor: Machine) -> None:
    config = sensor.read(CONFIG)
    assert "frames flow" in sensor.install().stdout
    assert sensor.read(CONFIG) == config
    assert active(sensor)


def test_a_configuration_that_is_wrong_stops_the_installer(sensor: Machine) -> None:
    config = sensor.read(CONFIG)
    sensor.put(CONFIG, config + "\ncamera.sourcee = 1\n")
    result = sensor.install(check=False)
    sensor.put(CONFIG, config)
    assert result.returncode == 2
    assert 'The nearest is "camera.source"' in result.stderr
    assert active(sensor)  # what ran before still runs


def test_taken_off_again_it_leaves_nothing_but_what_is_the_schools(installed: Machine) -> None:
    refused = installed.run("/src/deploy/uninstall.sh", "--all", check=False)
    assert refused.returncode == 2
    assert "what is --all?" in refused.stderr
    installed.run("/src/deploy/uninstall.sh")
    assert installed.run("ls", "/etc/edge-engage/config.toml", "/var/lib/edge-engage").returncode == 0
    installed.run("/src/deploy/uninstall.sh", "--purge")
    places = ("/etc", "/opt", "/usr/local", "/var/lib", "/run/systemd")
    left = installed.run("find", *places, "-name", "*edge-engage*", "-not", "-path", "*/private/*")
    assert left.stdout == ""
    assert installed.run("getent", "passwd", "edge-engage", check=False).stdout == ""
    assert installed.unit("LoadState") == "not-found"
    installed.run("/src/deploy/uninstall.sh", "--purge")
