"""A pause that people may rely on: real processes, a real broker, kill -9."""

from __future__ import annotations

import json
import signal
from datetime import datetime, timezone
from pathlib import Path

import psutil
from broker import Ear, Mosquitto, eventually

QUICK = {"EDGE_ENGAGE_WINDOW_SECONDS": "1", "EDGE_ENGAGE_CAMERA_LOOP": "true"}
COMMAND = "edge-engage/v1/oak/r1/command"


def words(clip: Path, broker: Mosquitto) -> tuple[object, ...]:
    return ("run", "--source", clip, "--mqtt", broker.url, "--site", "oak", "--room", "r1")


def statuses(ear: Ear) -> list[str]:
    return [json.loads(payload)["status"] for payload in ear.said("engagement")]


def test_a_pause_survives_a_kill_and_the_camera_is_not_opened_until_resumed(start, clip, tmp_path) -> None:
    with Mosquitto(tmp_path) as broker:
        with Ear(broker.port) as ear:
            sensor = start(*words(clip, broker), **QUICK)
            ear.wait("state", "starting", "running")
            broker.publish(COMMAND, "pause")
            ear.wait("state", "paused")
            sensor.send_signal(signal.SIGKILL)
            sensor.wait()
            ear.wait("availability", "offline")
        # What is retained is not this start's word: only what comes fresh counts.
        with Ear(broker.port, "edge-engage/#", "-R") as ear:
            again = start(*words(clip, broker), **QUICK)
            eventually(lambda: len(ear.said("engagement")) >= 3, "three windows")
            assert str(clip) not in {file.path for file in psutil.Process(again.pid).open_files()}
            assert set(statuses(ear)) == {"paused"}
            assert set(ear.said("state")) == {"paused"}
            assert {json.loads(said)["status"] for said in ear.said("health")} == {"paused"}
            broker.publish(COMMAND, "resume")
            ear.wait("state", "starting", "running")
            eventually(lambda: statuses(ear)[-1] == "ok", "a measured record")
        again.kill()
        again.wait()
        with Ear(broker.port, "edge-engage/#", "-R") as ear:
            start(*words(clip, broker), **QUICK)
            ear.wait("state", "starting", "running")  # the resume survived, too


def test_a_pause_that_cannot_be_kept_holds_for_this_run_and_health_says_so(start, clip, tmp_path) -> None:
    (tmp_path / "state" / "paused.new").mkdir(parents=True)
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        start(*words(clip, broker), **QUICK)
        ear.wait("state", "starting", "running")
        broker.publish(COMMAND, "pause")
        ear.wait("state", "paused")
        eventually(lambda: statuses(ear)[-1:] == ["paused"], "a paused record")
        health = json.loads(ear.said("health")[-1])
        assert health["status"] == "paused"
        assert "The pause will not survive a restart" in health["last_error"]


def test_outside_lessons_no_command_opens_the_camera(start, clip, tmp_path) -> None:
    other = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[(datetime.now(timezone.utc).weekday() + 3) % 7]
    schedule = {"EDGE_ENGAGE_SCHEDULE_LESSONS": f"{other} 08:00-16:00", "EDGE_ENGAGE_SCHEDULE_ZONE": "Europe/London"}
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        sensor = start(*words(clip, broker), **QUICK, **schedule)
        eventually(lambda: ear.said("engagement"), "a first record", seconds=60)
        broker.publish(COMMAND, "resume")
        ear.wait("state", "paused", "paused")
        told = len(ear.said("engagement"))
        eventually(lambda: len(ear.said("engagement")) >= told + 2, "two more windows")
        assert set(statuses(ear)) == {"paused"}
        assert str(clip) not in {file.path for file in psutil.Process(sensor.pid).open_files()}
        assert json.loads(ear.said("health")[-1])["paused_by"] == "schedule"
