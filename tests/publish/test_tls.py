"""Brokers that are not who they say, each refused with the reason and what to do: real mosquitto, real certificates."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from authority import Authority
from broker import Mosquitto, eventually

from edge.dashboard.listener import Listener
from edge.errors import Problem
from edge.publish import Publisher, Topics, parse

Files = tuple[Path, Path]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@contextmanager
def broker(folder: Path, files: Files) -> Iterator[Mosquitto]:
    certificate, key = files
    text = f"listener PORT 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\nallow_anonymous true"
    with Mosquitto(folder, text) as running:
        running.url = f"mqtts://127.0.0.1:{running.port}"
        yield running


def said(url: str, **options: object) -> str:
    """What the sensor says of such a broker; nothing when it is content."""
    voice = Publisher(parse(url, **options), Topics("s", "r"), expires=30)
    voice.start()
    voice.close(0)
    return "" if voice.connected else voice.trouble or "?"


def another(authority: Authority) -> Files:
    return Authority(authority.folder / "other", "another authority").issue("server")


BAD: dict[str, tuple[Callable[[Authority], Files], str]] = {
    "expired": (lambda a: a.issue("server", days=(-30, -1)), "it has expired. Renew it on the broker"),
    "not yet valid": (lambda a: a.issue("server", days=(1, 30)), "it is not valid yet. Is the date of this machine"),
    "for another host": (lambda a: a.issue("server", "192.0.2.1"), "it is for another host. Write an address that it"),
    "self-signed": (lambda a: a.issue("server", by_itself=True), "it is self-signed. Name it, or the authority"),
    "of another authority": (another, "an authority signed it that is not known here. Name that authority's"),
}


@pytest.mark.parametrize("flaw", BAD)
def test_a_bad_certificate_is_refused_with_the_reason_and_what_to_do(
    tmp_path: Path, authority: Authority, flaw: str
) -> None:
    files, words = BAD[flaw]
    with broker(tmp_path, files(authority)) as running:
        reason = said(running.url, ca_file=str(authority.file))
        assert f"{running.url} cannot be reached: its certificate is not accepted: {words}" in reason
        assert said(running.url, insecure=True) == ""


def test_a_revoked_certificate_is_refused_once_the_list_says_so(tmp_path: Path, authority: Authority) -> None:
    files = authority.issue("server")
    with broker(tmp_path, files) as running:
        options = {"ca_file": str(authority.file), "crl_file": authority.revoked()}
        assert said(running.url, **options) == ""
        authority.revoked(files[0])
        assert "it was revoked. Its key may be in wrong hands" in said(running.url, **options)
        authority.revoked(days=(-30, -1))
        assert "the list of revoked certificates in mqtt.crl_file has expired" in said(running.url, **options)
        other = Authority(tmp_path / "other", "another authority").revoked()
        assert "mqtt.crl_file holds no list of the authority that signed it" in said(
            running.url, **{**options, "crl_file": other}
        )


def test_files_renewed_on_the_disk_count_from_the_next_connection_on(tmp_path: Path, authority: Authority) -> None:
    files = authority.issue("server")
    with broker(tmp_path, files) as running:
        crl = authority.revoked()
        address = parse(running.url, ca_file=str(authority.file), crl_file=crl)
        with Publisher(address, Topics("s", "r"), expires=30) as voice:
            assert voice.connected
            authority.revoked(files[0])
            running.stop()
            running.start()
            eventually(lambda: "it was revoked" in (voice.trouble or ""), "the new list is read")
            Path(crl).unlink()
            eventually(lambda: f"{crl} cannot be read" in (voice.trouble or ""), "the missing list is told", 30)
            authority.revoked()
            eventually(lambda: voice.connected, "all is well again", 30)


def test_a_file_without_a_list_is_refused_at_the_start(authority: Authority) -> None:
    with pytest.raises(Problem, match=r"ca\.crt holds no list of revoked certificates"):
        parse("mqtts://host", ca_file=str(authority.file), crl_file=str(authority.file))


class Answering:
    """A listener that does one thing to whoever comes."""

    def __init__(self, answer: Callable[[socket.socket], object]) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtts://127.0.0.1:{self._door.getsockname()[1]}"
        self._answer = answer
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._door.accept()
                with visitor, suppress(OSError):
                    self._answer(visitor)

    def __enter__(self) -> Answering:  # noqa: PYI034 - typing has Self from 3.11 on only
        return self

    def __exit__(self, *_: object) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


def test_a_broker_that_speaks_old_tls_only_is_refused(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("server"))
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Answering(lambda visitor: context.wrap_socket(visitor, server_side=True)) as old:
        for options in ({"ca_file": str(authority.file)}, {"insecure": True}):
            assert "it speaks only versions of TLS older than 1.2" in said(old.url, **options)


def test_a_broker_that_speaks_no_tls_at_this_port_is_told_apart(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as plain:
        reason = said(f"mqtts://127.0.0.1:{plain.port}", insecure=True)
    # mosquitto closes on what it does not understand; others answer in clear.
    assert "cannot be reached" in reason
    with Answering(lambda visitor: visitor.sendall(b"220 not a broker\r\n")) as other:
        assert "it does not speak TLS at this port" in said(other.url, insecure=True)


def test_the_page_says_why_it_trusts_no_broker(tmp_path: Path, authority: Authority) -> None:
    files = authority.issue("server", days=(-30, -1))
    with (
        broker(tmp_path, files) as running,
        Listener(parse(running.url, ca_file=str(authority.file)), "edge-engage/v1/+/+/#") as listener,
    ):
        eventually(lambda: "it has expired" in (listener.trouble or ""), "the reason is told")
