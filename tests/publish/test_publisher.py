"""The publisher against a real mosquitto, watched by a real subscriber."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from broker import Ear, Mosquitto, eventually, free_port
from parts import need

from edge.publish import Publisher, Topics, parse

ROOM = Topics("school", "room-1")


def publisher(url: str, **options: object) -> Publisher:
    return Publisher(parse(url), ROOM, expires=30, **options)


def tell(port: int, payload: str, *options: str) -> None:
    program = need("mosquitto_pub", "mosquitto-clients")
    subprocess.run([program, "-p", str(port), "-q", "1", "-t", ROOM.command, "-m", payload, *options], check=True)


def test_a_late_listener_sees_the_present_state(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, publisher(broker.url) as voice:
        assert voice.connected
        assert voice.protocol == "MQTT 5"
        voice.engagement(b'{"seq": 1}')
        voice.engagement(b'{"seq": 2}')
        voice.health(b'{"fps": 15}')
        with Ear(broker.port) as early:
            early.wait("engagement", '{"seq": 2}')
        with Ear(broker.port) as late:
            late.wait("engagement", '{"seq": 2}')
            late.wait("availability", "online")
            late.wait("state", "starting")
            late.wait("health", '{"fps": 15}')
            assert all(heard.retained for heard in late.heard)
            assert {heard.topic: heard.expiry != "" for heard in late.heard} == {
                "engagement": True,
                "availability": False,
                "state": False,
                "health": False,
            }
            assert 0 < int(next(heard.expiry for heard in late.heard if heard.topic == "engagement")) <= 30
        assert voice.trouble is None


def test_closing_delivers_what_waits_and_says_offline(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        with publisher(broker.url) as voice:
            ear.wait("availability", "online")
            for number in range(50):
                voice.engagement(b"%d" % number)
        ear.wait("availability", "online", "offline")
        assert ear.said("engagement") == [str(number) for number in range(50)]


def test_the_last_will_speaks_for_a_killed_sensor(tmp_path: Path) -> None:
    code = (
        "import sys, time; from edge.publish import *\n"
        "Publisher(parse(sys.argv[1]), Topics('school', 'room-1'), expires=30).start(); time.sleep(600)"
    )
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        sensor = subprocess.Popen([sys.executable, "-c", code, broker.url])
        ear.wait("availability", "online")
        sensor.send_signal(signal.SIGKILL)
        sensor.wait()
        ear.wait("availability", "online", "offline")
        with Ear(broker.port, ROOM.availability) as late:
            late.wait("availability", "offline")
            assert late.heard[0].retained


def test_what_was_said_last_is_heard_before_the_end(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        with publisher(broker.url) as voice:
            ear.wait("availability", "online")
            voice._thread.join(0.1)  # it has begun to listen
            voice.state("paused")
        ear.wait("availability", "online", "offline")
        assert ear.said("state")[-1] == "paused"


def test_a_restarted_broker_hears_the_true_state_and_all_records(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker, publisher(broker.url) as voice:
        voice.engagement(b"1")
        voice.health(b"old")
        eventually(lambda: voice._outbox.depth == 0, "the first record is delivered")
        broker.stop()
        eventually(lambda: not voice.connected, "the loss is noticed")
        assert "cannot be reached" in (voice.trouble or "")
        voice.state("paused")
        voice.health(b"of before")
        for number in b"234":
            voice.engagement(bytes([number]))
        broker.start()
        with Ear(broker.port) as ear:
            ear.wait("availability", "online")
            ear.wait("state", "paused")
            eventually(lambda: voice.connections == 2, "whoever watches knows that health is due")
            voice.health(b"new")
            ear.wait("health", "new")
            assert ear.said("health") == ["new"]
            assert ear.said("state") == ["paused"]
            eventually(lambda: voice._outbox.depth == 0, "all are delivered")
            eventually(lambda: ear.said("engagement")[0] == "4", "the newest comes first")
        with Ear(broker.port, ROOM.engagement) as late:
            late.wait("engagement", "4")
        assert voice.trouble is None


def test_an_unreachable_broker_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    voice = publisher(f"mqtt://127.0.0.1:{port}")
    voice.start()
    try:
        assert not voice.connected
        assert voice.trouble == (
            f"The broker mqtt://127.0.0.1:{port} cannot be reached: Connection refused. Trying again."
        )
        assert voice.trouble in caplog.text
        voice.engagement(b"early")
        with Mosquitto(tmp_path, port=port), Ear(port) as ear:
            ear.wait("engagement", "early")
            assert voice.connected
    finally:
        voice.close()


def test_undelivered_records_are_counted_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    voice = publisher(f"mqtt://127.0.0.1:{free_port()}")
    voice.start()
    voice.engagement(b"1")
    voice.engagement(b"2")
    assert voice.close(0) == 2
    assert "2 records were not delivered" in caplog.text


def test_a_broker_that_never_answers_does_not_hold_up_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        voice = publisher(f"mqtt://127.0.0.1:{silent.getsockname()[1]}")
        voice.start(patience=0.5)
        assert not voice.connected


def test_commands_are_heard_and_answered(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        tell(broker.port, "pause", "-r")  # retained long ago: not for now
        with publisher(broker.url) as voice, Ear(broker.port) as ear:
            tell(broker.port, "resume")
            tell(broker.port, "pause\n")
            eventually(lambda: list(voice._commands._heard) == ["pause"], "both commands came, the last word counts")
            assert [voice.command(), voice.command()] == ["pause", None]
            voice.state("paused")
            ear.wait("state", "starting", "paused")
            tell(broker.port, "dance")
            ear.wait("state", '"dance" is no command. Send pause or resume.', "paused")
            tell(broker.port, "\x07ä\n" * 2000)
            eventually(lambda: len(ear.said("state")) == 6, "garbage is answered, too")
            answer, state = ear.said("state")[-2:]
            assert answer.startswith('"?Ã¤??Ã¤?')
            assert len(answer) < 100
            assert state == "paused"
            assert voice.command() is None
