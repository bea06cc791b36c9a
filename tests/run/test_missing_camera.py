"""A camera that is not there: a fault of the day for a service, a mistake at a terminal."""

from __future__ import annotations

import json

import pytest
from broker import Ear, Mosquitto, eventually, free_port

SITE = ("--site", "oak", "--room", "r1")


@pytest.mark.parametrize(
    ("source", "why"), [("/dev/video97", "There is no camera /dev/video97."), ("rtsp", "Nothing answers at 127.0.0.1")]
)
def test_a_configured_camera_that_is_missing_is_waited_for_and_health_says_why(start, tmp_path, source, why) -> None:
    source = f"rtsp://127.0.0.1:{free_port()}/room" if source == "rtsp" else source
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        sensor = start(
            *("run", "--mqtt", broker.url, *SITE),
            EDGE_ENGAGE_CAMERA_SOURCE=source,
            EDGE_ENGAGE_WINDOW_SECONDS="1",
        )
        eventually(lambda: len(ear.said("engagement")) >= 2, "it stays, and says that it is blind", seconds=40)
        assert sensor.poll() is None
        assert {json.loads(said)["status"] for said in ear.said("engagement")} == {"blind"}
        assert set(ear.said("state")) == {"starting"}
        assert ear.said("availability") == ["online"]
        health = json.loads(ear.said("health")[-1])
        assert health["status"] == "blind"
        assert health["last_error"].startswith(why)


def test_a_file_that_does_not_exist_is_a_wrong_argument_in_a_configuration_too(finish, tmp_path) -> None:
    result = finish("run", EDGE_ENGAGE_CAMERA_SOURCE=str(tmp_path / "gone.mp4"))
    assert result.returncode == 2
    assert "There is no file or folder" in result.stderr


@pytest.mark.parametrize("source", [("--camera", "97"), ("--camera", "picamera3"), ("--source", "/dev/video97")])
def test_a_camera_named_on_the_command_line_must_be_there(finish, source) -> None:
    result = finish("run", *source)
    assert result.returncode == 2
    assert result.stderr.count("\n") <= 4
    assert "There is no" in result.stderr
