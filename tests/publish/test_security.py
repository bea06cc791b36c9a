"""Encrypted, authenticated and confined: the shipped broker configuration, really used."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from broker import Ear, Mosquitto, eventually, free_port
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from parts import need

from edge.errors import Problem
from edge.publish import Publisher, Topics, parse

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto"
SECRETS: dict[str, str] = {}
"""Account to password, as `accounts.sh` printed it."""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("openssl", "openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for host, owner in (("127.0.0.1", folder), ("elsewhere.example", folder / "other")):
        subprocess.run([SHIPPED / "certificates.sh", owner, host, "room-1"], check=True)
    return folder


@pytest.fixture
def broker(tmp_path: Path, certificates: Path) -> Iterator[Mosquitto]:
    """The shipped configuration with two rooms of one school, one of another, and a page."""
    need("mosquitto_passwd", "mosquitto")
    accounts = {**os.environ, "MOSQUITTO": str(tmp_path)}
    for name in ("school/room-1", "school/room-2", "other/room-1", "staff"):
        said = subprocess.run([SHIPPED / "accounts.sh", "add", name], env=accounts, check=True, capture_output=True)
        SECRETS[name] = said.stdout.decode().split()[-1]
    for acl in ("sensors.acl", "pages.acl"):
        (tmp_path / acl).write_text((SHIPPED / acl).read_text())
    pages = free_port()
    text = (SHIPPED / "edge-engage.conf").read_text()
    for there, here in {
        "listener 8883": "listener PORT 127.0.0.1",
        "listener 8884": f"listener {pages} 127.0.0.1",
        "/etc/mosquitto/certs": str(certificates),
        "/etc/mosquitto/": f"{tmp_path}/",
    }.items():
        assert there in text
        text = text.replace(there, here)
    with Mosquitto(tmp_path, text) as running:
        running.url = f"mqtts://127.0.0.1:{running.port}"
        running.pages = pages
        eventually(lambda: listens(pages), "the pages' door opens")
        yield running


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sensor(broker: Mosquitto, certificates: Path, room: str = "room-1", **options: str) -> Publisher:
    account = {
        "username": "school/room-1",
        "password": SECRETS["school/room-1"],
        "ca_file": str(certificates / "ca.crt"),
        **options,
    }
    return Publisher(parse(broker.url, **account), Topics("school", room), expires=30)


def ear(broker: Mosquitto, certificates: Path) -> Ear:
    options = ("--cafile", str(certificates / "ca.crt"), "-h", "127.0.0.1", "-u", "staff", "-P", SECRETS["staff"])
    return Ear(broker.pages, "edge-engage/v1/#", *options)


def test_the_shipped_configuration_carries_a_record(broker: Mosquitto, certificates: Path) -> None:
    with ear(broker, certificates) as listener, sensor(broker, certificates) as voice:
        voice.engagement(b"record")
        listener.wait("engagement", "record")
        listener.wait("availability", "online")
        listener.wait("state", "starting")
        assert voice.trouble is None


def test_a_wrong_password_is_a_clear_refusal(broker: Mosquitto, certificates: Path) -> None:
    with pytest.raises(Problem) as problem:
        sensor(broker, certificates, password="wr0ng").start()
    message = str(problem.value)
    assert f'{broker.url} refuses user "school/room-1": ' in message
    assert "Check mqtt.username and the password." in message
    assert "wr0ng" not in message


def test_a_denied_publish_is_noticed_kept_and_sent_once_allowed(broker: Mosquitto, certificates: Path) -> None:
    acl = broker.file.with_name("sensors.acl")
    with sensor(broker, certificates, room="room-2") as voice:
        voice.engagement(b"kept")
        eventually(lambda: any("engagement" in t for t in voice._troubles), "the denial is noticed")
        assert voice._troubles["edge-engage/v1/school/room-2/engagement"] == (
            'The broker does not let user "school/room-1" publish to edge-engage/v1/school/room-2/engagement: '
            "Not authorized. Check its access list."
        )
        eventually(lambda: voice._outbox.declined == 1, "it is kept aside")
        acl.write_text(acl.read_text() + "user school/room-1\ntopic readwrite edge-engage/v1/school/room-2/#\n")
        broker.process.send_signal(signal.SIGHUP)
        with ear(broker, certificates) as listener:
            eventually(lambda: "Reloading config" in broker.log.read_text(), "the list is read again")
            voice.engagement(b"next")
            listener.wait("engagement", "next", "kept")
        eventually(lambda: voice._outbox.depth == 0, "the record is acknowledged")
        assert "edge-engage/v1/school/room-2/engagement" not in voice._troubles


@pytest.mark.parametrize("authority", ["none", "another"])
def test_a_broker_that_cannot_prove_who_it_is_gets_nothing(
    broker: Mosquitto, certificates: Path, authority: str
) -> None:
    files = {"none": {"ca_file": ""}, "another": {"ca_file": str(certificates / "other" / "ca.crt")}}
    voice = sensor(broker, certificates, **files[authority])
    voice.start()
    try:
        assert "its certificate is not accepted" in (voice.trouble or "")
        assert "mqtt.ca_file" in (voice.trouble or "")
        assert not voice.connected
    finally:
        voice.close(0)


def test_a_certificate_for_another_host_is_not_accepted(tmp_path: Path, certificates: Path) -> None:
    other = certificates / "other"
    text = f"listener PORT 127.0.0.1\ncertfile {other}/server.crt\nkeyfile {other}/server.key\nallow_anonymous true"
    with Mosquitto(tmp_path, text) as broker:
        voice = Publisher(
            parse(f"mqtts://127.0.0.1:{broker.port}", ca_file=str(other / "ca.crt")), Topics("s", "r"), expires=30
        )
        voice.start()
        assert "is not valid for '127.0.0.1'" in (voice.trouble or "")
        voice.close(0)


def test_a_client_certificate_opens_a_broker_that_asks_for_one(tmp_path: Path, certificates: Path) -> None:
    text = f"""
        listener PORT 127.0.0.1
        cafile {certificates}/ca.crt
        certfile {certificates}/server.crt
        keyfile {certificates}/server.key
        require_certificate true
        use_identity_as_username true
        allow_anonymous false"""
    with Mosquitto(tmp_path, text) as broker:
        broker.url = f"mqtts://127.0.0.1:{broker.port}"
        ca_file = str(certificates / "ca.crt")
        certificate, key = str(certificates / "room-1.crt"), str(certificates / "room-1.key")
        with Publisher(
            parse(broker.url, ca_file=ca_file, certificate=certificate, key=key), Topics("s", "r"), expires=30
        ) as voice:
            assert voice.connected
        stranger = Publisher(parse(broker.url, ca_file=ca_file), Topics("s", "r"), expires=30)
        stranger.start()
        assert not stranger.connected
        assert stranger.trouble
        stranger.close(0)


def test_files_that_cannot_serve_are_named(tmp_path: Path, certificates: Path) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    ca_file = str(certificates / "ca.crt")
    room, server = str(certificates / "room-1.crt"), str(certificates / "server.key")
    for options, words in (
        ({"ca_file": "/nowhere/ca.crt"}, "/nowhere/ca.crt cannot be read: No such file"),
        ({"ca_file": str(rubbish)}, f"{rubbish} holds no certificate"),
        ({"ca_file": ca_file, "certificate": room, "key": server}, f"{server} do not work together"),
    ):
        with pytest.raises(Problem, match=words):
            parse("mqtts://host", **options)


class Stranger:
    """A hostile client with a room's own account: paho, and none of our code."""

    def __init__(
        self,
        broker: Mosquitto,
        certificates: Path,
        account: str | None,
        *,
        secret: str | None = None,
        client_id: str = "",
        port: int = 0,
    ) -> None:
        client = self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
        if account:
            client.username_pw_set(account, SECRETS[account] if secret is None else secret)
        client.tls_set(str(certificates / "ca.crt"))
        self.heard: list[str] = []
        self.answers: list[ReasonCode] = []
        client.on_message = lambda _c, _d, message: self.heard.append(message.topic)
        client.on_publish = lambda _c, _d, _number, reason, _p: self.answers.append(reason)
        client.on_connect = lambda _c, _d, _flags, reason, _p: self.answers.append(reason)
        client.connect("127.0.0.1", port or broker.port)
        client.loop_start()
        eventually(lambda: self.answers, "the broker answers")

    def publish(self, topic: str) -> ReasonCode:
        self.answers.clear()
        self.client.publish(topic, b"forged", qos=1)
        eventually(lambda: self.answers, "the broker answers")
        return self.answers[0]

    def __enter__(self) -> Stranger:  # noqa: PYI034 - typing has Self from 3.11 on only
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.parametrize("place", ["school/room-2", "other/room-1"])
def test_a_rooms_account_speaks_for_no_other_room_and_no_other_site(
    broker: Mosquitto, certificates: Path, place: str
) -> None:
    with Stranger(broker, certificates, "school/room-1") as stranger:
        assert not stranger.publish("edge-engage/v1/school/room-1/engagement").is_failure
        for topic in ("engagement", "availability", "health", "state", "command"):
            assert stranger.publish(f"edge-engage/v1/{place}/{topic}").is_failure


def test_a_rooms_account_reads_no_other_room(broker: Mosquitto, certificates: Path) -> None:
    with (
        Stranger(broker, certificates, "school/room-1") as stranger,
        sensor(
            broker, certificates, room="room-2", username="school/room-2", password=SECRETS["school/room-2"]
        ) as voice,
        ear(broker, certificates) as listener,
    ):
        stranger.client.subscribe("edge-engage/v1/#", qos=1)
        stranger.client.subscribe("edge-engage/v1/school/room-2/command", qos=1)
        voice.engagement(b"record")
        listener.wait("engagement", "record")
        with Stranger(broker, certificates, "staff", port=broker.pages) as page:
            assert not page.publish("edge-engage/v1/school/room-2/command").is_failure
            assert not page.publish("edge-engage/v1/school/room-1/command").is_failure
        eventually(lambda: stranger.heard, "its own room's command arrives")
        assert stranger.heard == ["edge-engage/v1/school/room-1/command"]


@pytest.mark.parametrize(
    ("account", "secret"),
    [("school/room-2", "guessed"), ("school/room-1", ""), ("staff", "guessed"), ("nobody", "guessed"), (None, None)],
)
@pytest.mark.parametrize("door", ["sensors", "pages"])
def test_wrong_credentials_read_nothing_and_say_nothing(
    broker: Mosquitto, certificates: Path, door: str, account: str | None, secret: str | None
) -> None:
    port = broker.port if door == "sensors" else broker.pages
    with sensor(broker, certificates) as voice, ear(broker, certificates) as listener:
        with Stranger(broker, certificates, account, secret=secret, port=port) as stranger:
            assert stranger.answers[0].is_failure
            stranger.client.subscribe("edge-engage/v1/#", qos=1)
            stranger.client.publish("edge-engage/v1/school/room-1/command", b"pause", qos=1)
            voice.engagement(b"record")
            listener.wait("engagement", "record")
        assert stranger.heard == []
        assert voice.command() is None


def test_no_room_throws_another_one_off_by_its_client_id(broker: Mosquitto, certificates: Path) -> None:
    victim = {"username": "school/room-2", "password": SECRETS["school/room-2"]}
    with sensor(broker, certificates, room="room-2", **victim) as voice, ear(broker, certificates) as listener:
        listener.wait("availability", "online")
        for name in ("school/room-2", "edge-engage-school-room-2"):
            with Stranger(broker, certificates, "school/room-1", client_id=name) as stranger:
                assert not stranger.publish("edge-engage/v1/school/room-1/engagement").is_failure
        voice.engagement(b"still here")
        listener.wait("engagement", "still here")
        assert listener.said("availability") == ["online"]
        assert voice.connected


def test_each_door_takes_its_own_accounts_only(broker: Mosquitto, certificates: Path) -> None:
    for account, port in (("staff", broker.port), ("school/room-1", broker.pages)):
        with Stranger(broker, certificates, account, port=port) as stranger:
            assert stranger.answers[0].getName() == "Not authorized"
