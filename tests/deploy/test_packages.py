"""What a device gets: every package pinned to its very files, and a bill of materials that names them all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution, requires, version
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from parts import need

ROOT = Path(__file__).parents[2]
LISTS = ("requirements-device.txt", "requirements-build.txt")
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*==[^ ;]+)(?: ; [^\\]+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> set[str]:
    """Each pin of a list that holds nothing but pins with hashes."""
    text = (ROOT / "deploy" / name).read_text()
    assert PIN.sub("", text) == ""
    return {match[1] for match in PIN.finditer(text)}


@pytest.mark.parametrize("name", LISTS)
def test_every_package_is_pinned_by_version_and_hash(name: str) -> None:
    assert pins(name)


def test_the_hashed_versions_are_those_that_everything_else_is_tested_with() -> None:
    locked = {line.partition(" ;")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert {pin for name in LISTS for pin in pins(name)} <= locked


def test_nothing_that_the_device_needs_is_missing() -> None:
    asked = [line for line in requires("edge-engage") or () if "extra" not in line]
    needed = {plain(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in asked}
    assert needed <= {pin.partition("==")[0] for pin in pins("requirements-device.txt")}


def test_a_package_that_is_not_the_one_that_was_pinned_is_refused(tmp_path: Path) -> None:
    """By pip, as the installer calls it, where somebody serves another file under the right name."""
    text = (ROOT / "deploy" / "requirements-device.txt").read_text()
    pin = next(match for match in PIN.finditer(text) if match[1].startswith("paho-mqtt=="))
    (tmp_path / "pins.txt").write_text(pin[0])
    with zipfile.ZipFile(tmp_path / f"paho_mqtt-{pin[1].partition('==')[2]}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("paho/mqtt/__init__.py", "raise SystemExit('not the real one')")
    said = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--isolated", "install", "--dry-run", "--ignore-installed", "--no-index"),
            *("--find-links", tmp_path, "--require-hashes", "-r", tmp_path / "pins.txt"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode
    assert "DO NOT MATCH THE HASHES" in said.stderr
    assert "pip --require-hashes -r" in (ROOT / "deploy" / "install.sh").read_text()


NAMES = ("msgspec", "cryptography", "ai-edge-litert")


@pytest.fixture
def small_environment(tmp_path: Path) -> Path:
    """Three packages of this environment, seen from one of their own: they are described in a moment."""
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    for name in NAMES:
        described = Path(str(distribution(name).locate_file(""))).glob(f"{name.replace('-', '_')}-*.dist-info")
        there = next(described)
        (site / there.name).symlink_to(there)
    return folder


def test_the_bill_of_materials_is_one_and_names_all(tmp_path: Path, small_environment: Path) -> None:
    """By the Makefile's own command."""
    shown = subprocess.run(
        [need("make", "make"), "-n", "sbom", "DEVICE=DEVICE"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    (command,) = re.findall(r"^\S*(cyclonedx-py .*)$", shown, re.MULTILINE)
    file = tmp_path / "sbom.json"
    words = command.replace("DEVICE", str(small_environment)).replace("build/sbom.json", str(file)).split()[1:]
    subprocess.run([sys.executable, "-m", "cyclonedx_py", *words], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads(file.read_text())
    assert JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(file.read_text()) is None
    assert bill["metadata"]["component"]["name"] == "edge-engage"
    assert {(part["name"], part["version"]) for part in bill["components"]} == {(name, version(name)) for name in NAMES}
