"""The rules of the house, checked: who may import whom, what may be encoded, how long a file may be, style, types."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = ("train", "convert")
ROOMS = ("camera", "vision", "model", "aggregate", "publish", "spool")
# Where bytes for the wire are made: the record, and the health of the machine. Nothing else in edge encodes.
ENCODERS = {"edge/aggregate/record.py", "edge/service/health.py"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """As `imports`, but `from a import b` also names a.b, which may be a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def every_room() -> list[str]:
    """Every folder with code in the three programs."""
    folders = {file.parent for program in ("edge", *PROGRAMS) for file in modules(program)}
    return sorted(str(folder.relative_to(ROOT)) for folder in folders if folder.parent != ROOT)


def arrows(program: str) -> dict[str, set[str]]:
    """Which rooms of a program each of its rooms imports. The hall is a room, too."""
    rooms = {room.split("/")[1] for room in every_room() if room.startswith(f"{program}/")}

    def room_of(parts: Sequence[str]) -> str:
        return parts[1] if parts[0] == program and parts[1:] and parts[1] in rooms else "the hall"

    found: dict[str, set[str]] = {}
    for file in modules(program):
        here = room_of(file.relative_to(ROOT).with_suffix("").parts)
        there = {room_of(name.split(".")) for name in imported(file) if name.split(".")[0] == program}
        found.setdefault(here, set()).update(there - {here})
    return found


def breaches(folder: str, *forbidden: str) -> list[str]:
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(folder)
        for name in imports(file)
        if any(name == word or name.startswith(word + ".") for word in forbidden)
    ]


def test_the_device_is_the_ground_floor() -> None:
    assert not breaches("edge", "train", "convert", "tensorflow", "keras", "mediapipe", "matplotlib", "torch")


def test_convert_knows_of_train_the_figures_only() -> None:
    """Figures with intervals have one home. The rest of `train` is another program."""
    strangers = [line for line in breaches("convert", "train") if " imports train.figures." not in line]
    assert not strangers


@pytest.mark.parametrize("program", PROGRAMS)
def test_rooms_know_each_other_one_way(program: str) -> None:
    try:
        TopologicalSorter(arrows(program)).prepare()
    except CycleError as circle:
        pytest.fail(f"Rooms of {program} import each other in a circle: {' -> '.join(circle.args[1])}")


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_hall_holds_more_than_four_modules(program: str) -> None:
    """The hall of `edge` is the loop itself and may be larger."""
    hall = [file.name for file in (ROOT / program).glob("*.py")]
    assert len(hall) <= 4, hall


@pytest.mark.parametrize("room", every_room())
def test_a_rooms_first_line_says_what_it_is_for(room: str) -> None:
    said = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8")))
    assert said
    assert said.splitlines()[0].endswith((".", ";", ":"))


@pytest.mark.parametrize("program", ["edge", *PROGRAMS])
def test_half_of_the_modules_are_read_at_a_glance(program: str) -> None:
    assert median(len(file.read_text(encoding="utf-8").splitlines()) for file in modules(program)) <= 100


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_of_the_sentence_do_not_know_each_other(room: str) -> None:
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


def test_the_live_page_has_no_way_to_keep_or_send_a_picture() -> None:
    words = (
        *("open(", "write_bytes", "write_text", "imwrite", "VideoWriter", "np.save", "tempfile", "pickle", "h5py"),
        *("socket", "urllib", "requests", "paho", "subprocess"),
    )
    able = {
        f"{file.relative_to(ROOT)}: {word}"
        for file in modules("train/live")
        for word in words
        if word in file.read_text(encoding="utf-8")
    }
    assert not able


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
