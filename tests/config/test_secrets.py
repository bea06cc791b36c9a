from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge.config import load, password, show
from edge.config.sections import Mqtt
from edge.errors import Problem
from edge.keys import make_keys, private_key
from edge.publish import parse


def secret(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    ("key", "url", "way_out"),
    [
        ("mqtt.url", "mqtt://room:s3cret@broker", "EDGE_ENGAGE_MQTT_PASSWORD"),
        ("camera.source", "rtsp://admin:s3cret@camera/stream", "EDGE_ENGAGE_CAMERA_SOURCE"),
    ],
)
def test_a_password_on_the_command_line_is_refused_with_a_way_out(key: str, url: str, way_out: str) -> None:
    with pytest.raises(Problem) as problem:
        load(None, None, {key: url})
    assert way_out in str(problem.value)
    assert "s3cret" not in str(problem.value)
    assert load(None, None, {key: url.replace(":s3cret", "")}).keys()[key] == url.replace(":s3cret", "")


def test_what_is_in_force_is_shown_without_secrets() -> None:
    environment = {
        "EDGE_ENGAGE_MQTT_URL": "mqtt://room:s3cret@broker:1883",
        "EDGE_ENGAGE_CAMERA_SOURCE": "rtsp://admin:p/w:s3cret@camera/stream",
        "EDGE_ENGAGE_MQTT_PASSWORD": "s3cret",
    }
    text = show(load(None, environment), environment)
    assert "s3cret" not in text
    assert 'url = "mqtt://room:***@broker:1883"' in text
    assert 'source = "rtsp://admin:***@camera/stream"' in text
    assert "# password: ***" in text


def test_what_is_shown_can_be_loaded_again(tmp_path: Path) -> None:
    config = load(None, {"EDGE_ENGAGE_SITE_ROOM": "r1", "EDGE_ENGAGE_VISION_BUDGET_MS": "20"})
    file = tmp_path / "shown.toml"
    file.write_text(show(config, {}), encoding="utf-8")
    assert load(file) == config


def test_the_password_comes_from_environment_then_file_then_systemd(tmp_path: Path) -> None:
    (tmp_path / "mqtt-password").write_text("from systemd\n")
    secret(tmp_path / "file", "from file\n")
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with_file = Mqtt(password_file=str(tmp_path / "file"))
    assert password(with_file, {**credentials, "EDGE_ENGAGE_MQTT_PASSWORD": "from environment"}) == "from environment"
    assert password(with_file, credentials) == "from file"
    assert password(Mqtt(), credentials) == "from systemd"
    assert password(Mqtt(), {}) is None


def test_the_installers_empty_credential_means_no_password(tmp_path: Path) -> None:
    (tmp_path / "mqtt-password").touch()
    assert password(Mqtt(), {"CREDENTIALS_DIRECTORY": str(tmp_path)}) is None
    assert password(Mqtt(), {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")}) is None


def test_an_unreadable_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"none cannot be read: No such file.*mqtt\.password_file"):
        password(Mqtt(password_file=str(tmp_path / "none")), {})


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o666])
def test_a_secret_that_everybody_may_use_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    words = rf"everybody on this machine may use it \(mode {mode:o}\)\. Run: chmod o= {tmp_path}"
    file = secret(tmp_path / "password", "s3cret", mode)
    with pytest.raises(Problem, match=words):
        password(Mqtt(password_file=str(file)), {})
    config = secret(tmp_path / "config.toml", '[mqtt]\nurl = "mqtt://u:s3cret@h"', mode)
    with pytest.raises(Problem, match=words):
        load(config)
    key = tmp_path / "key.pem"
    make_keys(key)
    key.chmod(mode)
    with pytest.raises(Problem, match=words):
        private_key(key)
    with pytest.raises(Problem, match=words):
        parse("mqtts://host", certificate=str(key.with_suffix(".pub.pem")), key=str(key))


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_secret_of_its_owner_and_group_is_fine(tmp_path: Path, mode: int) -> None:
    assert password(Mqtt(password_file=str(secret(tmp_path / "password", "s3cret", mode))), {}) == "s3cret"
    assert load(secret(tmp_path / "config.toml", '[mqtt]\nurl = "mqtt://u:s3cret@h"', mode)).mqtt.url
    (tmp_path / "config.toml").write_text('[mqtt]\nurl = "mqtt://u@h"')
    (tmp_path / "config.toml").chmod(0o644)
    assert load(tmp_path / "config.toml").mqtt.url


def test_no_configuration_shows_a_password_when_it_is_printed() -> None:
    config = load(
        None, {"EDGE_ENGAGE_MQTT_URL": "mqtt://u:s3cret@h", "EDGE_ENGAGE_CAMERA_SOURCE": "rtsp://a:s3 cret@c/s"}
    )
    for shown in (repr(config), f"{config.mqtt} {config.camera!r}"):
        assert "s3" not in shown
        assert "url='mqtt://u:***@h'" in shown


CRASH = """
import logging, sys, threading
from edge import cli, masking
address = "mqtt://room:s3cret/@:x@broker:1883"
def crash(_flags):
    logging.warning("In the log: %s and rtsp://u:s3cret@c/1 er-int8@3f9c", address)
    def end():
        raise RuntimeError(f"in a thread: {address}")
    thread = threading.Thread(target=end, name="t")
    thread.start()
    thread.join()
    try:
        raise ValueError(address)
    except ValueError as error:
        raise RuntimeError(f"the end: {address}") from error
cli._config_example = crash
cli.main(["config", "example"])
"""


def test_no_log_and_no_traceback_shows_a_password() -> None:
    ended = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "s3cret" not in ended.stdout + ended.stderr
    assert "In the log: mqtt://room:***@broker:1883 and rtsp://u:***@c/1 er-int8@3f9c" in ended.stderr
    assert "RuntimeError: in a thread: mqtt://room:***@broker:1883" in ended.stderr
    assert "ValueError: mqtt://room:***@broker:1883" in ended.stderr
    assert "RuntimeError: the end: mqtt://room:***@broker:1883" in ended.stderr


def test_an_empty_password_file_is_called_empty(tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.touch(mode=0o600)
    file.write_text("\n")
    with pytest.raises(Problem, match=r"empty is empty\. Write the password into it"):
        password(Mqtt(password_file=str(file)), {})
