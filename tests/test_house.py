"""The rules of the house, checked: who may import whom, what may be encoded, how long a file may be, style, types."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("camera", "vision", "model", "aggregate", "publish")
# Where bytes for the wire are made: the record, and the health of the machine. Nothing else in edge encodes.
ENCODERS = {"edge/aggregate/record.py", "edge/service/health.py"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def breaches(folder: str, *forbidden: str) -> list[str]:
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(folder)
        for name in imports(file)
        if any(name == word or name.startswith(word + ".") for word in forbidden)
    ]


def test_the_device_is_the_ground_floor() -> None:
    assert not breaches("edge", "train", "convert", "tensorflow", "keras", "mediapipe", "matplotlib", "torch")


def test_convert_does_not_know_train() -> None:
    assert not breaches("convert", "train")


@pytest.mark.parametrize("room", ROOMS)
def test_the_five_rooms_do_not_know_each_other(room: str) -> None:
    assert not breaches(f"edge/{room}", *(f"edge.{other}" for other in ROOMS if other != room))


def test_only_the_record_and_health_can_be_encoded_for_the_wire() -> None:
    words = ("json.encode", "json.dumps", "msgpack", "pickle", "imencode", "imwrite", "tobytes", "np.save")
    makers = {
        str(file.relative_to(ROOT))
        for room in (*ROOMS, "service")
        for file in modules(f"edge/{room}")
        if any(word in file.read_text(encoding="utf-8") for word in words)
    }
    assert makers <= ENCODERS


def test_importing_the_sensor_brings_nothing_heavy() -> None:
    heavy = ("tensorflow", "keras", "mediapipe", "matplotlib", "torch", "nicegui", "amqtt", "scipy", "sklearn")
    code = f"import sys, edge.sensor; print([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_modules_stay_short() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for folder in ("edge", "train", "convert", "deploy", "bench", "tests")
        for file in modules(folder)
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert not long


@pytest.mark.parametrize("check", [["ruff", "check"], ["ruff", "format", "--check"], ["pyright"]])
def test_style_and_types(check: list[str]) -> None:
    result = subprocess.run([sys.executable, "-m", *check], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
