"""A stolen broker account hears all and may say anything; without the key it switches no sensor."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from broker import Ear, Mosquitto, eventually
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.enums import CallbackAPIVersion

from edge.dashboard.listener import Listener
from edge.publish import Publisher, Seal, Topics, parse, signed
from edge.publish.commands import Commands
from edge.publish.signed import NotSigned

ROOM = Topics("school", "room-1")
KEY = Ed25519PrivateKey.generate()
NOW = 1_764_000_000.0


def seal(folder: Path, *, now: float = NOW) -> Seal:
    return Seal(ROOM.command, KEY.public_key(), folder / "last-command", clock=lambda: now)


def test_what_the_keys_holder_said_is_obeyed_once(tmp_path: Path) -> None:
    payload = signed(ROOM.command, "pause", KEY, NOW)
    opener = seal(tmp_path)
    assert opener.opened(payload) == b"pause"
    with pytest.raises(NotSigned, match="obeyed before"):
        opener.opened(payload)
    with pytest.raises(NotSigned, match="obeyed before"):
        seal(tmp_path).opened(payload)  # after a restart
    with pytest.raises(NotSigned, match="a newer one"):
        opener.opened(signed(ROOM.command, "resume", KEY, NOW - 1))
    assert opener.opened(signed(ROOM.command, "resume", KEY, NOW + 1)) == b"resume"


@pytest.mark.parametrize(
    ("forge", "why"),
    [
        (lambda _good: b"pause", "not signed"),
        (lambda good: good.replace(b"pause", b"resume"), "another key"),
        (lambda good: good.replace(b"1764000000000", b"1764000000001"), "another key"),
        (lambda good: good[:-4] + (b"BBA=" if good[-4:] != b"BBA=" else b"CCA="), "not signed|another key"),
        (lambda _good: signed(ROOM.command, "pause", Ed25519PrivateKey.generate(), NOW), "another key"),
        (lambda _good: signed(Topics("school", "room-2").command, "pause", KEY, NOW), "for another room"),
        (lambda _good: signed(ROOM.command, "pause", KEY, NOW - 301), "five minutes"),
        (lambda _good: signed(ROOM.command, "pause", KEY, NOW + 301), "five minutes"),
    ],
)
def test_what_anybody_else_said_is_not(tmp_path: Path, forge: Callable[[bytes], bytes], why: str) -> None:
    good = signed(ROOM.command, "pause", KEY, NOW)
    with pytest.raises(NotSigned, match=why):
        seal(tmp_path).opened(forge(good))
    assert not (tmp_path / "last-command").exists()


def test_a_damaged_memory_lets_nothing_old_through(tmp_path: Path) -> None:
    (tmp_path / "last-command").write_bytes(b"\0\0")
    opener = seal(tmp_path)
    with pytest.raises(NotSigned, match="obeyed before"):
        opener.opened(signed(ROOM.command, "resume", KEY, NOW))
    assert opener.opened(signed(ROOM.command, "pause", KEY, NOW + 1)) == b"pause"


def test_a_full_disk_does_not_keep_a_command_from_being_obeyed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opener = Seal(ROOM.command, KEY.public_key(), tmp_path / "gone" / "last", clock=lambda: NOW)
    payload = signed(ROOM.command, "pause", KEY, NOW)
    assert opener.opened(payload) == b"pause"
    assert "cannot be kept" in caplog.text
    with pytest.raises(NotSigned, match="obeyed before"):
        opener.opened(payload)


def test_a_sensor_that_asks_for_no_signature_obeys_a_signed_word_too() -> None:
    commands = Commands()
    commands.receive(signed(ROOM.command, "pause", KEY))
    assert commands.next() == "pause"


def test_a_signed_word_that_is_no_command_is_none(tmp_path: Path) -> None:
    commands = Commands(seal(tmp_path))
    commands.receive(signed(ROOM.command, "dance", KEY, NOW))
    assert commands.next() is None
    assert b"is no command" in (commands.answer() or b"")


def test_each_reason_is_one_line_in_the_journal_however_often_it_is_tried(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    commands = Commands(seal(tmp_path))
    for _ in range(500):
        commands.receive(b"resume")
    assert [record.message for record in caplog.records] == [
        "A command was refused: it is not signed, and mqtt.command_key asks for that."
    ]
    assert commands.answer() == caplog.records[0].message.encode()
    assert commands.answer() is None


def test_a_thief_of_the_password_switches_nothing_and_the_page_with_the_key_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    opener = Seal(ROOM.command, KEY.public_key(), tmp_path / "last-command")
    with (
        Mosquitto(tmp_path) as broker,
        Publisher(parse(broker.url), ROOM, expires=30, seal=opener) as voice,
        Ear(broker.port) as thief,  # hears every command that is said
        Listener(parse(broker.url), "edge-engage/v1/+/+/#", key=KEY) as page,
    ):
        thief.wait("state", "starting")
        eventually(page.rooms.all, "the page knows the room")
        broker.publish(ROOM.command, "pause")
        thief.wait("state", "A command was refused: it is not signed, and mqtt.command_key asks for that.", "starting")
        assert voice.command() is None
        page.command(page.rooms.all()[0], "pause")
        eventually(lambda: voice.command() == "pause", "the page is obeyed")
        broker.publish(ROOM.command, thief.said("command")[-1])
        thief.wait("state", "A command was refused: it, or a newer one, was obeyed before.", "starting")
        assert voice.command() is None
    assert len([record for record in caplog.records if "command was refused" in record.message]) == 2


def test_a_flood_of_real_commands_is_obeyed_once_a_second_and_holds_up_no_record(tmp_path: Path) -> None:
    obeyed: list[str] = []
    enough = threading.Event()
    with Mosquitto(tmp_path) as broker, Publisher(parse(broker.url), ROOM, expires=30) as voice:
        flood = paho.Client(CallbackAPIVersion.VERSION2, "flood")
        flood.connect("127.0.0.1", broker.port)
        flood.loop_start()

        def pour() -> None:
            while not enough.wait(0.01):
                for word in ("pause", "resume") * 5:
                    flood.publish(ROOM.command, word)

        poured = threading.Thread(target=pour)
        began = time.monotonic()
        poured.start()
        try:
            for number in range(20):
                voice.engagement(b"%d" % number)
            eventually(lambda: voice._outbox.depth == 0, "all records are delivered")
            eventually(lambda: ((word := voice.command()) and obeyed.append(word)) or len(obeyed) == 3, "three came")
        finally:
            enough.set()
            poured.join()
            flood.disconnect()
            flood.loop_stop()
        eventually(
            lambda: ((word := voice.command()) and obeyed.append(word)) or obeyed[-1] == "resume", "the last word"
        )
        assert len(obeyed) <= time.monotonic() - began + 1
