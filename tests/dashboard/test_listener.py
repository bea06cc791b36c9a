"""The page's ear on a real broker on which somebody says hostile things."""

import subprocess
import time

import paho.mqtt.client as mqtt
import pytest
from broker import Mosquitto, eventually
from dashboard.test_rooms import BASE, _record
from doorman import Doorman
from paho.mqtt.enums import CallbackAPIVersion
from parts import need

from edge.dashboard.listener import Listener
from edge.errors import Problem
from edge.publish import parse

EVERY_ROOM = "edge-engage/v1/+/+/#"


@pytest.fixture
def broker(tmp_path):
    # As much in one go as this test has to say, and messages as large as MQTT allows.
    with Mosquitto(tmp_path, "allow_anonymous true\nmax_queued_messages 0\nmessage_size_limit 0") as running:
        yield running


def publish(broker, messages):
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "stranger")
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    for topic, payload in messages:
        last = client.publish(topic, payload, 1, retain=True)
    last.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def test_hostile_retained_messages_end_nothing(broker, tmp_path):
    now = time.time()
    hostile = [
        _record(1, at=now, start="2026-03-02T10:00:00"),
        _record(1, at=now, start="0001-01-01T00:00:00Z"),
        _record(1, at=now, seconds=0),
        _record(1, at=now, seconds=-5),
        _record(1, at=now, seconds=1e-320),
        b'{"x":' + b"[" * 100_000,
        b"",
    ]
    publish(broker, [(f"edge-engage/v1/school/evil-{n}/engagement", said) for n, said in enumerate(hostile)])
    (tmp_path / "long").write_bytes(b'{"last_error": "' + b"e" * 50_000_000 + b'"}')
    words = ["-p", str(broker.port), "-q", "1", "-r", "-t", "edge-engage/v1/school/evil-9/health"]
    program = need("mosquitto_pub", "mosquitto-clients")
    subprocess.run([program, *words, "-f", tmp_path / "long"], check=True)  # paho takes a minute for that
    publish(broker, [(f"{BASE}/engagement", _record(2, at=now)), (f"{BASE}/availability", b"online")])
    with Listener(parse(broker.url), EVERY_ROOM) as listener:
        eventually(lambda: listener.rooms.all() and listener.rooms.all()[0].availability, "the real room is heard")
        assert [room.name for room in listener.rooms.all()] == ["room-12"]
        assert listener.trouble is None


def test_invented_rooms_do_not_hide_one_that_speaks(broker):
    publish(broker, [(f"edge-engage/v1/school/invented-{n}/availability", b"online") for n in range(1000)])
    with Listener(parse(broker.url), EVERY_ROOM) as listener:
        eventually(lambda: len(listener.rooms.all()) == 200, "the invented rooms are heard", 60)
        publish(broker, [(f"{BASE}/engagement", _record(1, at=time.time()))])
        eventually(lambda: "room-12" in [room.name for room in listener.rooms.all()], "the room is heard", 60)
        assert len(listener.rooms.all()) == 200


def test_a_packet_that_is_none_does_not_end_the_listening(broker):
    broken = b"\x20\x02\x00\x00" + b"\x30\x01\x00"  # CONNACK, and a PUBLISH too short to hold its topic
    with (
        Doorman(broker.port, lambda number, _version: broken if number == 1 else 0.0) as door,
        Listener(parse(door.url), EVERY_ROOM) as listener,
    ):
        publish(broker, [(f"{BASE}/availability", b"online")])
        eventually(lambda: [room.name for room in listener.rooms.all()] == ["room-12"], "the room is heard")
        assert len(door.visits) == 2
        assert listener.trouble is None


def test_a_host_that_no_resolver_takes_is_refused_at_the_start():
    with pytest.raises(Problem, match=r"broker\.\.example"):
        parse("mqtt://broker..example")
