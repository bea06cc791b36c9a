"""Whatever a person gets wrong: a message that says what, where and what to do; never a traceback."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from broker import Mosquitto, eventually, free_port
from parts import need

from edge.model import bundle


def refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode not in (0, None)
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_no_such_camera(finish) -> None:
    refused(finish("run", "--camera", 97), "/dev/video97")


def test_a_file_that_is_no_video(finish, tmp_path) -> None:
    (tmp_path / "notes.mp4").write_text("dear diary " * 100)
    refused(finish("run", "--source", tmp_path / "notes.mp4"), "notes.mp4", "not a video")


def test_a_truncated_video_gives_what_it_has_and_then_says_so(finish, clip, tmp_path) -> None:
    whole = clip.read_bytes()
    ts = tmp_path / "clip.avi"
    subprocess.run(
        [need("ffmpeg", "ffmpeg"), "-loglevel", "error", "-i", clip, "-c:v", "mjpeg", "-q:v", "8", ts], check=True
    )
    ts.write_bytes(ts.read_bytes()[: ts.stat().st_size // 2])
    result = finish("run", "--source", ts, "--unpaced", "--json", EDGE_ENGAGE_WINDOW_SECONDS="2")
    refused(result, "truncated")
    assert len(result.stdout.splitlines()) >= 2
    assert whole


def test_a_missing_file(finish, tmp_path) -> None:
    refused(finish("run", "--source", tmp_path / "gone.mp4"), "gone.mp4")


def test_an_empty_folder(finish, tmp_path) -> None:
    refused(finish("run", "--source", tmp_path), str(tmp_path))


def test_an_unreachable_broker_runs_on_and_says_so(finish, clip) -> None:
    url = f"mqtt://127.0.0.1:{free_port()}"
    result = finish("run", "--source", clip, "--unpaced", "--windows", 1, "--json", "--mqtt", url)
    assert result.stdout.startswith('{"schema":1')
    assert "cannot be reached" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == 3, "a record was not delivered: that is no success"


def test_a_wrong_password(finish, clip, tmp_path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run([need("mosquitto_passwd", "mosquitto"), "-b", "-c", passwords, "room", "right"], check=True)
    with Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {passwords}") as broker:
        result = finish(
            *("run", "--source", clip, "--mqtt", broker.url),
            EDGE_ENGAGE_MQTT_USERNAME="room",
            EDGE_ENGAGE_MQTT_PASSWORD="wrong",
        )
    refused(result, "refuses", "password")
    assert result.stderr.count("refuses") == 1, "said once"


def test_no_password_where_one_is_wanted_is_called_none(finish, clip, tmp_path) -> None:
    """The installer's password file is empty, and its owner may have forgotten it."""
    (tmp_path / "mqtt-password").touch(mode=0o600)
    with Mosquitto(tmp_path, "listener PORT 127.0.0.1\nallow_anonymous false") as broker:
        result = finish(
            *("run", "--source", clip, "--mqtt", broker.url),
            EDGE_ENGAGE_MQTT_USERNAME="room",
            CREDENTIALS_DIRECTORY=str(tmp_path),
        )
    refused(result, 'refuses user "room", who gives no password')


def test_a_password_on_the_command_line(finish, clip) -> None:
    result = finish("run", "--source", clip, "--mqtt", "mqtt://room:s3cret@127.0.0.1")
    refused(result, "EDGE_ENGAGE_MQTT_PASSWORD")
    assert "s3cret" not in result.stderr


def test_an_unknown_key_names_file_line_and_the_nearest(finish, tmp_path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[site]\nroom = 'r1'\n\n[vision]\nsmalest_face = 20\n")
    refused(finish("run", "--config", file), "config.toml, line 5", "vision.smalest_face", "vision.smallest_face")


def test_a_damaged_bundle(finish, clip, tmp_path) -> None:
    copy = Path(shutil.copytree(bundle.shipped("engagement"), tmp_path / "bundle"))
    with (copy / "model.tflite").open("r+b") as file:
        file.truncate(1000)
    refused(finish("run", "--source", clip, EDGE_ENGAGE_MODEL_BUNDLE=str(copy)), "model.tflite does not match its card")


def test_a_detector_given_as_the_model(finish, clip) -> None:
    wrong = str(bundle.shipped("detector"))
    refused(finish("run", "--source", clip, EDGE_ENGAGE_MODEL_BUNDLE=wrong), "a bundle for detector")


@pytest.mark.parametrize("obstacle", ["a file in the way", "a folder nobody may write"])
def test_an_unwritable_state_folder(finish, clip, tmp_path, obstacle) -> None:
    if obstacle == "a file in the way":
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "state"
    else:
        folder = Path("/proc/edge-engage")  # not even root may write here
    result = finish("run", "--source", clip, EDGE_ENGAGE_SERVICE_STATE_DIR=str(folder))
    refused(result, str(folder), "service.state_dir")


def test_a_region_where_the_law_forbids_it(finish, clip) -> None:
    refused(finish("run", "--source", clip, EDGE_ENGAGE_SITE_REGION="DE"), "AI Act", "5(1)(f)", "site.purpose")


def test_a_clean_stop_on_sigterm(start, clip) -> None:
    sensor = start("run", "--source", clip, "--json", EDGE_ENGAGE_WINDOW_SECONDS="1")
    assert sensor.stdout.readline()
    sensor.terminate()
    assert sensor.wait(60) == 0
    eventually(lambda: sensor.poll() == 0, "it ended")
