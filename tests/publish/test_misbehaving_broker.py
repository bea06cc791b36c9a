"""What a broker may do to a sensor: be late, full, deaf, silent, or let others talk it down."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from broker import Ear, Mosquitto, eventually
from doorman import UNAVAILABLE, Doorman, Manner
from paho.mqtt.enums import CallbackAPIVersion

from edge.publish import Publisher, Topics, newest, parse, publisher

ROOM = Topics("school", "room-1")
OLDER = b"\x20\x02\x00\x01"  # CONNACK "unacceptable protocol version", as brokers of 3.1.1 write it


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as running:
        yield running


def voice(url: str) -> Publisher:
    return Publisher(parse(url), ROOM, expires=30)


def waits(*seconds: float) -> Callable[[], Iterator[float]]:
    """In place of the growing waits: these, and then for ever."""
    return lambda: itertools.chain(seconds, itertools.repeat(3600.0))


@pytest.mark.parametrize("version", [5, 4])
def test_a_broker_that_is_not_ready_is_waited_for_and_no_password_is_blamed(broker: Mosquitto, version: int) -> None:
    def manner(number: int, asked: int) -> Manner:
        return (UNAVAILABLE[version] if asked == version else OLDER) if number <= 2 else 0.0

    with Doorman(broker.port, manner) as door:
        speaker = voice(door.url)
        speaker.start()
        assert 'cannot be reached: it says "Server unavailable". Trying again.' in (speaker.trouble or "")
        assert "password" not in (speaker.trouble or "")
        eventually(lambda: speaker.connected, "it is let in")
        speaker.close()


@pytest.mark.parametrize(
    ("manner", "protocol", "visits"),
    [
        pytest.param(lambda _n, _v: 0.4, "MQTT 5", [5, 4, 5], id="slow"),
        pytest.param(lambda n, _v: None if n == 1 else 0.0, "MQTT 5", [5, 4, 5], id="silent for a moment"),
        pytest.param(lambda n, _v: b"" if n == 1 else 0.0, "MQTT 5", [5, 4, 5], id="closed once"),
        pytest.param(lambda _n, v: None if v == 5 else 0.0, "MQTT 3.1.1", [5, 4, 5, 4], id="old, silent"),
        pytest.param(lambda _n, v: b"" if v == 5 else 0.0, "MQTT 3.1.1", [5, 4, 5, 4], id="old, closes"),
        pytest.param(lambda _n, v: OLDER if v == 5 else 0.0, "MQTT 3.1.1", [5, 4], id="old, says so"),
    ],
)
def test_a_slow_broker_is_no_old_one(
    broker: Mosquitto,
    monkeypatch: pytest.MonkeyPatch,
    manner: Callable[[int, int], Manner],
    protocol: str,
    visits: list[int],
) -> None:
    monkeypatch.setattr(newest, "_GREETING_SECONDS", 0.25)
    with Doorman(broker.port, manner) as door, voice(door.url) as speaker:
        assert speaker.connected, speaker.trouble
        assert (speaker.protocol, door.visits) == (protocol, visits)


def test_a_retained_command_is_not_obeyed_on_an_old_broker(broker: Mosquitto) -> None:
    retained = [mosquitto_message("pause", retain=True)]
    send(broker, retained)
    with Doorman(broker.port, lambda _n, version: OLDER if version == 5 else 0.0) as door, voice(door.url) as speaker:
        assert speaker.protocol == "MQTT 3.1.1"
        send(broker, [mosquitto_message("resume")])
        heard: list[str] = []
        eventually(lambda: (command := speaker.command()) and not heard.append(command), "a command came")
        assert heard == ["resume"]


def test_closing_tries_again_though_the_next_attempt_was_far_away(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "_back_off", waits())
    closing = threading.Event()
    with Doorman(broker.port, lambda _n, _v: 0.0 if closing.is_set() else b"") as door, Ear(broker.port) as ear:
        speaker = voice(door.url)
        speaker._closing = closing
        speaker.start()
        for number in range(20):
            speaker.engagement(b"%d" % number)
        assert speaker.close() == 0
        ear.wait("availability", "online", "offline")
        assert ear.said("engagement") == ["19", *(str(number) for number in range(19))], "the newest one first"


def test_closing_does_not_storm_a_broker_that_is_away(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "_PATIENCE", 0.1)
    with Doorman(broker.port, lambda _n, version: UNAVAILABLE[version]) as door:
        speaker = voice(door.url)
        speaker.start()
        speaker.engagement(b"1")
        assert speaker.close(0.5) == 1
        assert 2 <= len(door.visits) <= 7


def test_closing_ends_though_the_broker_answers_nothing(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "_FAREWELL", 0.2)
    with Doorman(broker.port) as door:
        speaker = voice(door.url)
        speaker.start()
        door.mute = True
        speaker.engagement(b"1")
        assert speaker.close(0.2) == 1
        assert not speaker._thread.is_alive()


def test_hundreds_of_wrong_commands_a_second_hold_up_neither_records_nor_the_stop(broker: Mosquitto) -> None:
    flood = mqtt.Client(CallbackAPIVersion.VERSION2, "flood")
    flood.connect("127.0.0.1", broker.port)
    flood.loop_start()
    enough = threading.Event()

    def pour() -> None:
        while not enough.wait(0.01):
            for number in range(10):
                flood.publish(ROOM.command, f"junk {number}")

    with Ear(broker.port) as ear, voice(broker.url) as speaker:
        poured = threading.Thread(target=pour)
        poured.start()
        try:
            ear.wait("state", "starting")
            eventually(lambda: any("is no command" in said for said in ear.said("state")), "one is answered")
            for number in range(20):
                speaker.engagement(b"%d" % number)
            eventually(lambda: speaker._outbox.depth == 0, "all records are delivered")
            assert speaker.close() == 0
            assert not speaker._thread.is_alive()
            ear.wait("availability", "online", "offline")
        finally:
            enough.set()
            poured.join()
            flood.disconnect()
            flood.loop_stop()
    answers = [said for said in ear.said("state") if "is no command" in said]
    assert len(answers) < 20


def test_of_many_commands_the_last_one_counts(broker: Mosquitto) -> None:
    with voice(broker.url) as speaker:
        send(broker, [mosquitto_message("pause")] * 200 + [mosquitto_message("resume")])
        eventually(lambda: list(speaker._commands._heard) == ["resume"], "all came")
        assert [speaker.command(), speaker.command()] == ["resume", None]


def test_a_command_as_long_as_a_book_is_not_even_delivered(broker: Mosquitto) -> None:
    with voice(broker.url) as speaker, Ear(broker.port) as ear:
        ear.wait("state", "starting")
        send(broker, [(ROOM.command, "x" * 100_000, 1, False), mosquitto_message("pause")])
        eventually(lambda: speaker.command() == "pause", "the command came")
        assert ear.said("state") == ["starting"]


@pytest.mark.parametrize(("settled", "visits"), [(0.0, 7), (3600.0, 3)])
def test_waits_begin_anew_after_a_good_connection_and_grow_after_a_short_one(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch, settled: float, visits: int
) -> None:
    monkeypatch.setattr(publisher, "_back_off", waits(0.0, 0.0))
    monkeypatch.setattr(publisher, "_SETTLED", settled)
    with Doorman(broker.port) as door:
        speaker = voice(door.url)
        speaker.start()
        for number in range(1, visits):
            eventually(lambda n=number: speaker.connections >= n, f"connection {number}")
            door.drop()
        eventually(lambda: speaker.connections >= visits, "the last connection")
        door.drop()
        if settled:
            eventually(lambda: not speaker.connected, "the last loss is noticed")
            assert not speaker._closing.wait(0.5)
            # A visit that was dropped before its greeting may have been followed by one of the older MQTT.
            assert not speaker.connected
        speaker.close(0)


def mosquitto_message(word: str, *, retain: bool = False) -> tuple[str, str, int, bool]:
    return (ROOM.command, word, 1, retain)


def send(broker: Mosquitto, messages: list[tuple[str, str, int, bool]]) -> None:
    """In order, by one client, and acknowledged."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "teller")
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    for topic, payload, qos, retain in messages:
        client.publish(topic, payload, qos, retain).wait_for_publish(20)
    client.disconnect()
    client.loop_stop()
