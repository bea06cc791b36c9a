"""Encrypted, authenticated and confined: the shipped broker configuration, really used."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import Ear, Mosquitto, eventually
from parts import need

from edge.errors import Problem
from edge.publish import Publisher, Topics, parse

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("openssl", "openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for host, owner in (("127.0.0.1", folder), ("elsewhere.example", folder / "other")):
        subprocess.run([SHIPPED / "certificates.sh", owner, host, "room-1"], check=True)
    return folder


@pytest.fixture
def broker(tmp_path: Path, certificates: Path) -> Iterator[Mosquitto]:
    passwords = tmp_path / "passwords"
    for number, (user, secret) in enumerate({"room-1": "s3cret", "dashboard": "look"}.items()):
        create = [] if number else ["-c"]
        program = need("mosquitto_passwd", "mosquitto")
        subprocess.run([program, "-b", *create, passwords, user, secret], check=True)
    acl = tmp_path / "edge-engage.acl"
    acl.write_text((SHIPPED / "edge-engage.acl").read_text())
    text = (SHIPPED / "edge-engage.conf").read_text()
    for there, here in {
        "listener 8883": "listener PORT 127.0.0.1",
        "/etc/mosquitto/certs": str(certificates),
        "/etc/mosquitto/passwords": str(passwords),
        "/etc/mosquitto/edge-engage.acl": str(acl),
    }.items():
        assert there in text
        text = text.replace(there, here)
    with Mosquitto(tmp_path, text) as running:
        running.url = f"mqtts://127.0.0.1:{running.port}"
        yield running


def sensor(broker: Mosquitto, certificates: Path, room: str = "room-1", **options: str) -> Publisher:
    account = {"username": "room-1", "password": "s3cret", "ca_file": str(certificates / "ca.crt"), **options}
    return Publisher(parse(broker.url, **account), Topics("school", room), expires=30)


def ear(broker: Mosquitto, certificates: Path) -> Ear:
    options = ("--cafile", str(certificates / "ca.crt"), "-h", "127.0.0.1", "-u", "dashboard", "-P", "look")
    return Ear(broker.port, "edge-engage/v1/#", *options)


def test_the_shipped_configuration_carries_a_record(broker: Mosquitto, certificates: Path) -> None:
    with ear(broker, certificates) as listener, sensor(broker, certificates) as voice:
        voice.engagement(b"record")
        listener.wait("engagement", "record")
        listener.wait("availability", "online")
        listener.wait("state", "running")
        assert voice.trouble is None


def test_a_wrong_password_is_a_clear_refusal(broker: Mosquitto, certificates: Path) -> None:
    with pytest.raises(Problem) as problem:
        sensor(broker, certificates, password="wr0ng").start()
    message = str(problem.value)
    assert f'{broker.url} refuses user "room-1": ' in message
    assert "Check mqtt.username and the password." in message
    assert "wr0ng" not in message


def test_a_denied_publish_is_noticed_kept_and_sent_once_allowed(broker: Mosquitto, certificates: Path) -> None:
    acl = broker.file.with_name("edge-engage.acl")
    with sensor(broker, certificates, room="room-2") as voice:
        voice.engagement(b"kept")
        eventually(lambda: any("engagement" in t for t in voice._troubles), "the denial is noticed")
        assert voice._troubles["edge-engage/v1/school/room-2/engagement"] == (
            'The broker does not let user "room-1" publish to edge-engage/v1/school/room-2/engagement: '
            "Not authorized. Check its access list."
        )
        assert voice._outbox.depth == 1
        acl.write_text(acl.read_text() + "user room-1\ntopic readwrite edge-engage/v1/school/room-2/#\n")
        broker.process.send_signal(signal.SIGHUP)
        with ear(broker, certificates) as listener:
            listener.wait("engagement", "kept")
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
