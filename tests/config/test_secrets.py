from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import load, password, show
from edge.config.sections import Mqtt
from edge.errors import Problem


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
    (tmp_path / "file").write_text("from file\n")
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
