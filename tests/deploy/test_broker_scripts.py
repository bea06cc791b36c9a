"""The two scripts that set the broker up: accounts one at a time, certificates for all its names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from parts import need

from edge.config import load

SHIPPED = Path(__file__).parents[2] / "deploy" / "mosquitto"


@pytest.fixture
def accounts(tmp_path: Path):
    need("mosquitto_passwd", "mosquitto")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [SHIPPED / "accounts.sh", *words]
        return subprocess.run(
            command,
            env={"PATH": "/usr/bin:/bin", "MOSQUITTO": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def certificates(folder: Path, *words: str) -> str:
    need("openssl", "openssl")
    command = [SHIPPED / "certificates.sh", folder, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def names(folder: Path) -> str:
    command = ["openssl", "x509", "-in", folder / "server.crt", "-noout", "-ext", "subjectAltName"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_another_account_leaves_the_others_as_they_are(accounts, tmp_path):
    first = accounts("add", "school/room-1").stdout
    before = (tmp_path / "sensors.passwords").read_text()
    second = accounts("add", "school/room-2").stdout
    assert first.split()[-1] != second.split()[-1]
    assert (tmp_path / "sensors.passwords").read_text().startswith(before)
    accounts("add", "staff")
    assert accounts("list").stdout.split() == ["school/room-1", "school/room-2", "staff"]
    accounts("remove", "school/room-1")
    assert accounts("list").stdout.split() == ["school/room-2", "staff"]


def test_nobody_but_the_broker_reads_the_passwords(accounts, tmp_path):
    accounts("add", "school/room-1")
    assert (tmp_path / "sensors.passwords").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["", "a b", "/room", "site/", "a/b/c", "+/room-1", "site/#", "site:room"])
def test_what_is_no_account_is_refused(accounts, name, tmp_path):
    said = accounts("add", name)
    assert said.returncode == 2
    assert "is neither SITE/ROOM nor a NAME" in said.stderr
    assert not list(tmp_path.iterdir())


def test_an_account_that_is_not_there_is_not_removed(accounts):
    accounts("add", "school/roomX12")
    said = accounts("remove", "school/room.12")
    assert (said.returncode, said.stdout) == (2, "")
    assert "there is no account school/room.12" in said.stderr


def test_a_broker_has_several_names_and_addresses(tmp_path):
    certificates(tmp_path / "certs", "broker.example,192.168.1.5,fe80::1")
    assert "DNS:broker.example, IP Address:192.168.1.5, IP Address:FE80" in names(tmp_path / "certs")


def test_a_changed_name_makes_the_certificate_anew_and_nothing_else_does(tmp_path):
    folder = tmp_path / "certs"
    certificates(folder, "old.example")
    authority, key = (folder / "ca.crt").read_bytes(), (folder / "server.key").read_bytes()
    held = (folder / "server.crt").read_bytes()
    assert "Kept server.crt, good until" in certificates(folder, "old.example", "room-1")
    assert (folder / "server.crt").read_bytes() == held
    assert "Made server.crt, good until" in certificates(folder, "new.example")
    assert "DNS:new.example" in names(folder)
    assert "old.example" not in names(folder)
    assert ((folder / "ca.crt").read_bytes(), (folder / "server.key").read_bytes()) == (authority, key)


def test_a_certificate_that_ends_soon_is_renewed(tmp_path):
    folder = tmp_path / "certs"
    certificates(folder, "broker.example")
    command = "openssl req -new -key server.key -subj /CN=server | openssl x509 -req -CA ca.crt -CAkey ca.key "
    command += "-CAcreateserial -days 59 -extfile server.ext -out server.crt"
    subprocess.run(["sh", "-c", command], cwd=folder, check=True, capture_output=True)
    assert "Made server.crt" in certificates(folder, "broker.example")
    assert "Kept server.crt" in certificates(folder, "broker.example")


def test_a_revoked_certificate_is_on_the_list_and_the_next_one_is_not(tmp_path):
    folder = tmp_path / "certs"
    certificates(folder, "broker.example", "room-1")

    def revoke(*names: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([SHIPPED / "revoke.sh", folder, *names], capture_output=True, text=True, check=False)

    def accepted(name: str) -> bool:
        command = ["openssl", "verify", "-crl_check", "-CAfile", "ca.crt", "-CRLfile", "ca.crl", name]
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0

    assert revoke().returncode == 0
    assert accepted("server.crt")
    assert accepted("room-1.crt")
    assert "Revoked server.crt" in revoke("server").stdout
    assert not accepted("server.crt.revoked")
    assert "Made server.crt" in certificates(folder, "broker.example", "room-1")
    assert "Revoked room-1.crt" in revoke("room-1").stdout
    assert accepted("server.crt")
    assert not accepted("server.crt.revoked")
    assert not accepted("room-1.crt.revoked")
    refused = revoke("room-9")
    assert (refused.returncode, refused.stderr) == (2, "There is no room-9.crt here.\n")


def test_the_authoritys_key_is_for_its_owner_alone(tmp_path):
    certificates(tmp_path / "certs", "broker.example")
    assert (tmp_path / "certs" / "ca.key").stat().st_mode & 0o777 == 0o600


def test_the_worked_configuration_is_one():
    config = load(SHIPPED / "sensor.toml", {}, {})
    assert config.mqtt.username == f"{config.site.site}/{config.site.room}"
    assert config.mqtt.url is not None
    assert config.mqtt.url.startswith("mqtts://")
