"""Of all that the sensor sees, the record leaves it and nothing else: no file, no child, no word, no other line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest
from broker import Ear, Mosquitto, eventually
from watcher import Watcher, watch

from edge.service import Health

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "contract" / "record.schema.json").read_text())
STATE = {
    "lock",
    "seq",
    "paused",
    "paused.new",
    "spool.db",
    "spool.db-wal",
    "spool.db-journal",
    "company",
    "company.new",
    "budget",
    "budget.new",
}
"""All files of the state folder, by name."""
LINES = (
    r"edge-engage: site\.region is not set, .*",
    r"INFO: Created TensorFlow Lite XNNPACK delegate for CPU\.",
    r"edge-engage: Connected to mqtt://127\.0\.0\.1:\d+ with MQTT 5\.",
)
"""All that is ever said on standard error in a run without trouble."""


def test_a_run_writes_sends_and_says_what_is_declared_and_nothing_else(environment, clip, tmp_path) -> None:
    state = tmp_path / "state"
    watcher = Watcher(tmp_path / "watched")
    with Mosquitto(tmp_path) as broker, Ear(broker.port, "#") as ear:
        done = subprocess.run(
            [
                *map(str, watcher.command),
                *(sys.executable, "-m", "edge.cli", "run", "--source", str(clip), "--unpaced", "--windows", "4"),
                *("--json", "--mqtt", broker.url),
            ],
            env={
                **environment,
                "PYTHONDONTWRITEBYTECODE": "1",
                "EDGE_ENGAGE_WINDOW_SECONDS": "2",
                "EDGE_ENGAGE_PRIVACY_CHANGE": "2",  # so that the state it keeps is seen, too
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        eventually(lambda: ear.said("availability")[-1:] == ["offline"], "it took its leave")
        heard = list(ear.heard)

    allowed = {str(state / name) for name in STATE} | {str(state), "/proc/self/coredump_filter", "/dev/null"}
    assert watcher.written <= allowed
    assert {str(state / "seq"), str(state / "company")} <= watcher.written, "the watcher sees"
    assert {file.name for file in state.iterdir()} <= STATE
    assert watcher.children == []
    # The MQTT library wakes its own thread through a pair of sockets on loopback.
    listening = {match[1] for line in watcher.calls("listen") if (match := re.search(r"127\.0\.0\.1:(\d+)", line))}
    assert str(broker.port) in watcher.spoken_to
    assert watcher.spoken_to - listening == {str(broker.port)}

    records = [json.loads(message.payload) for message in heard if message.topic == "engagement"]
    assert len(records) == 4
    assert any(record["status"] == "ok" for record in records)
    for message in heard:
        judge(message.topic, message.payload)
    # Nothing was sent beside what was heard: a packet's head and acknowledgements are short.
    assert watcher.sent(broker.port) <= sum(len(message.payload) + 100 for message in heard) + 400

    for line in done.stdout.splitlines():
        jsonschema.validate(json.loads(line), SCHEMA, cls=jsonschema.Draft202012Validator)
    assert [line for line in done.stderr.splitlines() if not any(re.fullmatch(known, line) for known in LINES)] == []


def judge(topic: str, payload: str) -> None:
    match topic:
        case "engagement":
            jsonschema.validate(json.loads(payload), SCHEMA, cls=jsonschema.Draft202012Validator)
        case "health":
            fields = {field.name for field in msgspec.structs.fields(Health)}
            said = json.loads(payload)
            assert said.keys() == fields
            words = [word for value in said.values() for word in (value if isinstance(value, list) else [value])]
            assert all(isinstance(word, str | int | float | None) for word in words)
            assert all(isinstance(word, str) for value in said.values() if isinstance(value, list) for word in value)
        case "availability" | "state":
            assert payload in ("online", "offline", "starting", "running", "paused")
        case _:
            pytest.fail(f"a topic of its own: {topic}")


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("open('{folder}/face.png', 'wb').write(b'x')", lambda w: w.written),
        ("import os; os.mkdir('{folder}/crops')", lambda w: w.written),
        ("import os; os.fork() or os._exit(0)", lambda w: w.children),
        ("import subprocess; subprocess.run(['true'])", lambda w: w.children),
        ("import os; os.memfd_create('faces')", lambda w: w.written),
        ("import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).connect(('203.0.113.9', 53))", lambda w: w.spoken_to),
        (
            "import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
            lambda w: w.calls("sendto"),
        ),
    ],
)
def test_the_watcher_sees_every_other_way_out(code, seen, tmp_path) -> None:
    watcher = Watcher(tmp_path / "watched")
    watch(watcher, sys.executable, "-I", "-S", "-c", "pass")
    assert not seen(watcher)
    watcher = Watcher(tmp_path / "again")
    watch(watcher, sys.executable, "-I", "-S", "-c", code.format(folder=tmp_path))
    assert seen(watcher)


@pytest.mark.parametrize("where", ["the loop", "the camera's thread"])
def test_a_fault_tells_where_it_is_and_nothing_that_was_seen(environment, clip, where) -> None:
    fault = {
        "the loop": "edge.verdicts.Verdicts.on = fail",
        "the camera's thread": "edge.camera.capture.Capture._read = fail",
    }[where]
    code = (
        "import sys, numpy, edge.verdicts, edge.camera.capture\n"
        "def fail(self, *seen):\n"
        "    picture = numpy.full((3, 3), 173)\n"
        "    try: raise ValueError(f'crop {picture!r}')\n"
        "    except ValueError as error: raise KeyError(repr(picture)) from error\n"
        f"{fault}\n"
        "from edge.cli import main; sys.exit(main())"
    )
    words = (sys.executable, "-X", "faulthandler", "-c", code, "run", "--source", str(clip), "--unpaced", "--json")
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sensor:
        said = ""
        while "message is not shown" not in said:
            line = sensor.stderr.readline()
            assert line, said
            said += line
        sensor.kill()
        told, rest = sensor.communicate()
    assert "builtins.KeyError" in said
    assert "builtins.ValueError" in said
    assert ", in fail" in said
    assert "173" not in said + rest + told
    assert "array" not in said + rest + told


def test_a_dump_of_its_memory_holds_none(environment, clip) -> None:
    code = (
        "import resource, sys\nfrom pathlib import Path\nimport edge.sensor\n"
        "def look(*_, **__):\n"
        "    print(resource.getrlimit(resource.RLIMIT_CORE), Path('/proc/self/coredump_filter').read_text())\n"
        "    sys.exit(7)\n"
        "edge.sensor.Sensor.run = look\n"
        "from edge.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "run", "--source", str(clip)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 7
    assert done.stdout.strip() == "(0, 0) 00000000"
