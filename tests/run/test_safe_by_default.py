"""What the running sensor offers to the network, as the system itself sees it: nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from broker import Ear, Mosquitto, eventually

from edge.keys import make_keys, private_key
from edge.publish import signed

_LISTENS = "0A"  # the state of a TCP socket that others may connect to
_ACCEPTS = 0x10000  # the flag of such a unix socket


def sockets(process: int) -> set[str]:
    """The inodes of all sockets that a process holds."""
    links: list[str] = []
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            links.append(str(file.readlink()))
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def table(process: int, protocol: str) -> list[list[str]]:
    file = Path(f"/proc/{process}/net/{protocol}")
    return [line.split() for line in file.read_text().splitlines()[1:]] if file.exists() else []


def open_to_others(process: int) -> list[str]:
    """Everything that somebody else may connect or send to."""
    held = sockets(process)
    found = [
        f"{protocol} {row[1]}"
        for protocol in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")
        for row in table(process, protocol)
        if row[9] in held and (not protocol.startswith("tcp") or row[3] == _LISTENS)
    ]
    return found + [
        f"unix {' '.join(row[7:])}"
        for row in table(process, "unix")
        if row[6] in held and (int(row[3], 16) & _ACCEPTS or row[7:])
    ]


def test_the_eyes_of_this_test_see_a_door() -> None:
    import socket
    import tempfile

    me = psutil.Process().pid
    with socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_UNIX) as channel, tempfile.TemporaryDirectory() as folder:
            channel.bind(f"{folder}/door")
            channel.listen()
            assert [door.split()[0] for door in open_to_others(me)] == ["tcp", "udp", "unix"]


@pytest.mark.timeout(300)
def test_a_running_sensor_listens_nowhere_obeys_its_key_and_says_what_is_not_safe(start, clip, tmp_path) -> None:
    public = make_keys(tmp_path / "command.pem")
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        # By an address that is not this machine's own in name.
        url = f"mqtt://0.0.0.0:{broker.port}"
        settings = {"EDGE_ENGAGE_CAMERA_LOOP": "true", "EDGE_ENGAGE_MQTT_COMMAND_KEY": str(public)}
        sensor = start("run", "--source", clip, "--mqtt", url, **settings)
        eventually(lambda: ear.said("health"), "it says how it is", seconds=120)
        family = [sensor.pid, *(child.pid for child in psutil.Process(sensor.pid).children(recursive=True))]
        assert [door for process in family for door in open_to_others(process)] == []
        assert sockets(sensor.pid), "it holds its connection to the broker, at least"
        topic = "edge-engage/v1/school/room/command"
        broker.publish(topic, "pause")
        refused = "A command was refused: it is not signed, and mqtt.command_key asks for that."
        eventually(lambda: refused in ear.said("state"), "an unsigned command is refused")
        broker.publish(topic, signed(topic, "pause", private_key(tmp_path / "command.pem")).decode())
        eventually(lambda: "paused" in ear.said("state"), "a signed one is obeyed", seconds=60)
        assert (tmp_path / "state" / "last-command").read_text().isdigit()
    warnings = json.loads(ear.said("health")[0])["warnings"]
    assert [warning.partition(" is not ")[0] for warning in warnings] == ["site.region", "The connection to 0.0.0.0"]


def test_a_command_key_that_cannot_be_read_ends_the_start_with_a_sentence(finish, clip, tmp_path) -> None:
    words = {"EDGE_ENGAGE_MQTT_COMMAND_KEY": str(tmp_path / "none.pem"), "EDGE_ENGAGE_MQTT_URL": "mqtt://127.0.0.1:9"}
    ended = finish("run", "--source", clip, **words)
    assert ended.returncode == 2
    assert f"The public key {tmp_path}/none.pem cannot be read: No such file or directory. See mqtt.command_key." in (
        ended.stderr
    )
