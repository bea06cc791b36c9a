"""The sheet tells what is in force, and nothing secret."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from edge.config import load
from edge.config.keys import KEYS
from edge.model import bundle
from edge.sheet import Sheet, markdown, sheet_of


def sheet(environment: dict[str, str] | None = None, **keys: object) -> Sheet:
    return sheet_of(load(None, {}, {name.replace("__", "."): value for name, value in keys.items()}), environment or {})


def printed(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", "privacy", *words]
    return subprocess.run(command, env={**os.environ, **more}, capture_output=True, text=True, check=False)


def test_it_tells_what_the_configuration_says() -> None:
    text = markdown(
        sheet(
            site__region="US",
            privacy__k=7,
            privacy__change=2,
            privacy__epsilon=0.5,
            window__seconds=30,
            spool__most_days=3,
            schedule__lessons="Mon-Fri 08:00-16:00",
            schedule__zone="America/New_York",
            mqtt__url="mqtts://broker.example:8883",
            mqtt__username="school/room",
            vision__smallest_judged=24,
        )
    )
    for words in (
        "US is outside the EU and EEA",
        "**k = 7**",
        "One record in 30 seconds",
        "differ by fewer than 2 people",
        "Noise is **on**: epsilon 0.5 a window, 4 a lesson, 20 in 24 hours",
        "until the broker has it, 3 days and 64 MiB at most",
        "Mon-Fri 08:00-16:00 (America/New_York)",
        "`mqtts://broker.example:8883`",
        "is **encrypted**",
        "for 90 seconds",
        "Faces below 24 pixels",
    ):
        assert words in text, words
    assert "To be looked at" not in text


def test_what_is_off_is_called_off() -> None:
    text = markdown(sheet())
    for words in ("Noise is **off**", "suppression is **off**", "always", "go nowhere else", "site.region is not set"):
        assert words in text, words


@pytest.mark.parametrize(
    ("region", "purpose", "starts", "words"),
    [
        (None, "education", True, "was not checked"),
        ("US", "education", True, "does not apply there"),
        ("FR", "education", False, "prohibits this use"),
        ("FR", "safety", True, "whether that is so, the program cannot know"),
    ],
)
def test_it_tells_which_law_gate_applied(region: str | None, purpose: str, starts: bool, words: str) -> None:
    law = sheet(site__region=region, site__purpose=purpose).law
    assert (law.region, law.purpose, law.starts) == (region, purpose, starts)
    assert words in law.verdict


def test_the_networks_are_told_with_the_hash_of_what_is_on_the_disk() -> None:
    for network, name in zip(sheet().networks, ("detector", "engagement"), strict=True):
        assert network.sha256 == hashlib.sha256((bundle.shipped(name) / "model.tflite").read_bytes()).hexdigest()


def test_every_file_of_the_state_folder_that_holds_anything_of_people_is_told(tmp_path: Path) -> None:
    told = {Path(kept.where).name for kept in sheet(service__state_dir=str(tmp_path), privacy__change=2).data}
    assert {"spool.db", "seq", "paused", "company"} <= told


def test_a_key_that_is_added_to_the_gate_is_added_to_the_sheet() -> None:
    told = set(msgspec.structs.asdict(sheet().threshold)) | {"lesson_minutes"}
    assert {key.name for key in KEYS.values() if key.section == "privacy"} <= told


def test_it_is_printed_as_markdown_and_as_json_without_any_secret(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('mqtt.url = "mqtt://room:s3cret@broker"\nsite.region = "DE"\n')
    config.chmod(0o600)
    text = printed("--config", str(config), EDGE_ENGAGE_MQTT_PASSWORD="s3cret")
    assert text.returncode == 0, text.stderr
    assert text.stdout.startswith("# Data-protection sheet: school/room\n")
    assert "**does not start**" in text.stdout
    told = json.loads(printed("--config", str(config), "--json").stdout)
    assert told["law"]["starts"] is False
    assert told["recipient"]["account"] == "room"
    assert "s3cret" not in text.stdout + text.stderr + json.dumps(told)
