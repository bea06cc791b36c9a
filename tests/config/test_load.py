from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.config import Config, check, load
from edge.config.keys import KEYS
from edge.errors import Problem


def written(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def problem(path: Path | None = None, environment: dict[str, str] | None = None, **flags: object) -> str:
    with pytest.raises(Problem) as raised:
        load(path, environment, {key.replace("__", "."): value for key, value in flags.items()})
    return str(raised.value)


def test_without_anything_the_defaults_hold() -> None:
    assert load() == Config()


def test_flags_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = written(tmp_path, '[site]\nsite = "file"\nroom = "file"\nregion = "US"')
    environment = {"EDGE_ENGAGE_SITE_SITE": "environment", "EDGE_ENGAGE_SITE_ROOM": "environment", "PATH": "/bin"}
    site = load(file, environment, {"site.site": "flag", "mqtt.url": None}).site
    assert (site.site, site.room, site.region, site.purpose) == ("flag", "environment", "US", "education")


def test_environment_text_becomes_the_keys_type() -> None:
    environment = {
        "EDGE_ENGAGE_CAMERA_LOOP": "true",
        "EDGE_ENGAGE_CAMERA_FPS": "12.5",
        "EDGE_ENGAGE_WINDOW_SECONDS": "7",
        "EDGE_ENGAGE_CAMERA_SOURCE": "1",
    }
    config = load(None, environment)
    assert (config.camera.loop, config.camera.fps, config.window.seconds, config.camera.source) == (True, 12.5, 7, "1")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[mqtt]\nurll = "mqtt://h"', 2, 'there is no key "mqtt.urll". The nearest is "mqtt.url".'),
        ("# c\n\n[window]\nk = 3", 4, 'there is no key "window.k". The nearest is "privacy.k".'),
        ("[vison]\nsmallest_face = 16", 1, 'there is no section "vison". The nearest is "vision".'),
        ("[vison]", 1, 'there is no section "vison". The nearest is "vision".'),
        ("seconds = 10", 1, 'there is no key "seconds". The nearest is "window.seconds".'),
        ('camera = "0"', 1, "camera is a section. Write [camera] and its keys below."),
        ("mqtt.portt = 1\n", 1, 'there is no key "mqtt.portt".'),
        ('[site]\nroom = """\na\nb"""', 2, 'site.room is "a\nb". Expected: a name of up to 64 letters'),
        ("[window]\nseconds = 0", 2, "window.seconds is 0. Expected: a whole number at least 1 and at most 3600."),
        ("[window]\nseconds = true", 2, "window.seconds is true. Expected: a whole number"),
        ("[camera]\n\n\nfps = 'fast'", 4, 'camera.fps is "fast". Expected: a number above 0 and at most 240.'),
        ("[camera]\nloop = 1", 2, "camera.loop is 1. Expected: true or false."),
        ("[camera]\nsource = 0", 2, 'camera.source is 0. Expected: text: a camera ("0"'),
        ("[site]\npurpose = 'fun'", 2, 'Expected: one of "education", "medical", "safety".'),
        ("[site]\nregion = 'de'", 2, "Expected: an ISO 3166 code in capitals"),
        ("[site]\nregion = 'XX'", 2, "Expected: an ISO 3166 code in capitals"),
        ("[site]\nregion = 'UK'", 2, "Expected: an ISO 3166 code in capitals"),
        ("[mqtt]\nurl = 'broker:1883'", 2, "Expected: an address such as"),
        ("[mqtt]\nurl = 'http://u:s3cret@h'", 2, 'mqtt.url is "***". Expected'),
        ("[privacy]\nk = 1", 2, "privacy.k is 1. Expected: a whole number at least 2"),
    ],
)
def test_a_mistake_is_shown_with_file_line_and_what_was_expected(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    file = written(tmp_path, text)
    message = problem(file)
    assert message.startswith(f"{file}, line {line}: ")
    assert words in message


def test_all_mistakes_are_shown_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, "[window]\nsecond = 1\nseconds = 0\n[privacy]\nk = 'many'")
    message = problem(file, {"EDGE_ENGAGE_CAMERA_LOOP": "perhaps"}, site__room="a b")
    assert len(message.splitlines()) == 5
    assert 'EDGE_ENGAGE_CAMERA_LOOP: camera.loop is "perhaps". Expected: true or false.' in message
    assert 'Command line: site.room is "a b".' in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[window\nseconds = 1", "is no valid TOML: "),
        ("[window]\nseconds = 1\nseconds = 2\n", "line 3"),
        ("[mqtt]\ncertificate = '/c'", "mqtt.certificate and mqtt.key belong together."),
        ("[schedule]\nlessons = 'Mon-Fri'", 'schedule: "Mon-Fri" is no part of a timetable. Expected: days and times'),
        ("[schedule]\nlessons = 'Mon 08:00-09:00'\nzone = 'Mars'", 'schedule: There is no time zone "Mars".'),
        ("[mqtt]\nurl = 'mqtt://u@h'\nusername = 'v'", "the account is named twice"),
        ("[mqtt]\nurl = 'mqtt://h'\nca_file = '/c'", "mqtt.url is mqtt://, which is not encrypted and makes no use of"),
        ("[mqtt]\nurl = 'mqtt://h'\ncrl_file = '/c'", "mqtt.url is mqtt://, which is not encrypted"),
        ("[mqtt]\nurl = 'mqtt://h'\ncertificate = '/c'\nkey = '/k'", "mqtt.url is mqtt://, which is not encrypted"),
        ("[mqtt]\nurl = 'mqtts://h'\nca_file = '/c'\ninsecure = true", "mqtt.insecure takes any certificate"),
        ("[mqtt]\nurl = 'mqtts://h'\ncrl_file = '/c'\ninsecure = true", "mqtt.insecure takes any certificate"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = written(tmp_path, text)
    message = problem(file)
    assert message.startswith(str(file))
    assert words in message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "none.toml cannot be read: No such file" in problem(tmp_path / "none.toml")
    assert f"{tmp_path} cannot be read: Is a directory" in problem(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    assert "Save it as UTF-8" in problem(tmp_path / "binary.toml")


def test_a_mistyped_variable_is_an_error_with_the_nearest_name() -> None:
    message = problem(None, {"EDGE_ENGAGE_MQT_URL": "mqtt://h"})
    assert message == "Environment: EDGE_ENGAGE_MQT_URL sets nothing. The nearest is EDGE_ENGAGE_MQTT_URL."


def test_each_key_has_a_variable_of_its_own() -> None:
    assert len({key.variable for key in KEYS.values()}) == len(KEYS)
    assert KEYS["mqtt.password_file"].variable == "EDGE_ENGAGE_MQTT_PASSWORD_FILE"


def test_check_reads_the_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "EDGE_ENGAGE_WINDOW_SECONDS", "rubbish")
    assert check(written(tmp_path, "[window]\nseconds = 5")).window.seconds == 5
    with pytest.raises(Problem, match="AI Act"):
        check(written(tmp_path, "[site]\nregion = 'FR'"))
