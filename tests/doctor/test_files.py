"""`config check` looks at what a configuration names, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.cli import main


def check(folder: Path, text: str) -> int:
    file = folder / "config.toml"
    file.write_text(text)
    return main(["config", "check", str(file)])


def test_a_configuration_whose_files_are_all_there_is_fine(tmp_path, capsys) -> None:
    assert check(tmp_path, '[camera]\nsource = "/dev/video77"\n') == 0
    assert "is fine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('camera.source = "{folder}/none.mp4"', "There is no file or folder {folder}/none.mp4. Check camera.source"),
        ('model.bundle = "{folder}/none"', "{folder}/none/card.json cannot be read"),
        ('model.detector = "{folder}"', "{folder}/card.json cannot be read"),
        ('model.public_key = "{folder}/none.pem"', "none.pem"),
        ('mqtt.command_key = "{folder}/none.pem"', "The public key {folder}/none.pem cannot be read"),
        ('dashboard.signing_key = "{folder}/none.pem"', "The signing key {folder}/none.pem cannot be read"),
        ('mqtt.url = "mqtts://b"\nmqtt.crl_file = "{folder}/crl"', "{folder}/crl cannot be read"),
        ('mqtt.url = "mqtts://b"\nmqtt.ca_file = "{folder}/ca"', "{folder}/ca cannot be read"),
        ('mqtt.url = "mqtts://b"\nmqtt.ca_file = "{folder}/config.toml"', "holds no certificate"),
        (
            'mqtt.url = "mqtt://b"\nmqtt.password_file = "{folder}/none"',
            "The password file {folder}/none cannot be read",
        ),
    ],
)
def test_what_is_missing_or_garbage_is_named(tmp_path, capsys, text: str, words: str) -> None:
    assert check(tmp_path, text.format(folder=tmp_path)) == 2
    said = capsys.readouterr().err
    assert words.format(folder=tmp_path) in said
    assert "Traceback" not in said


def test_all_that_is_wrong_is_said_at_once(tmp_path, capsys) -> None:
    text = 'camera.source = "{folder}/none.mp4"\nmodel.bundle = "{folder}/none"'
    assert check(tmp_path, text.format(folder=tmp_path)) == 2
    said = capsys.readouterr().err
    assert "none.mp4" in said
    assert "card.json" in said
