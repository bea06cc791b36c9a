"""RTSP streams from a real server (GStreamer's), which is stopped, frozen and started again."""

import signal
import socket
import ssl
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from broker import eventually
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from parts import missing

from edge.camera import open_source, opencv, rtsp, shown
from edge.errors import Problem

SERVER = Path(__file__).parent / "rtsp_server.py"
PACKAGES = "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly python3-gi"


class Server:
    def __init__(self, *options: object) -> None:
        self.port = 0
        self.options = options

    def __enter__(self):
        command = ["/usr/bin/python3", SERVER, str(self.port), *map(str, self.options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        port = self.process.stdout.readline()
        if not port:
            missing(
                f"The RTSP server did not start. Install it: sudo apt install {PACKAGES}\n{self.process.stderr.read()}"
            )
        self.port = int(port)
        self.url = f"rtsp://127.0.0.1:{self.port}/room"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server():
    with Server() as running:
        yield running


def test_a_stream_gives_pictures(server):
    source = open_source(server.url)
    assert source.read().shape == (240, 320, 3)
    assert source.fps == pytest.approx(15, abs=1)
    source.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_stream_that_dies_or_freezes_is_lost_and_recovers(server, capture, how):
    with capture(server.url, patience=2, back_off=(0.2, 0.5)) as camera:
        assert camera.latest(20)
        server.process.send_signal(how)

        def lost() -> bool:
            camera.latest(0.1)
            return camera.state.startswith("lost")

        eventually(lost, "the stream is lost", 60)
        if how == signal.SIGSTOP:
            server.process.send_signal(signal.SIGCONT)
        else:
            server.__exit__()
            server.__enter__()
        seen = camera.frames
        eventually(lambda: camera.latest(0.1) and camera.frames > seen and camera.state == "ok", "it is back", 60)


def test_an_account_is_needed_and_never_told():
    with Server("--locked") as server:
        with_account = server.url.replace("//", "//teacher:chalk@")
        source = open_source(with_account)
        assert source.read() is not None
        source.close()
        with pytest.raises(Problem, match="wants a user and password") as problem:
            open_source(server.url.replace("//", "//teacher:sponge@"))
        assert "sponge" not in str(problem.value)


def test_a_path_that_is_not_there_is_named(server):
    with pytest.raises(Problem, match=r"has no stream /attic\."):
        open_source(server.url.replace("/room", "/attic"))


def test_a_server_that_is_not_there_is_named():
    with socket.socket() as bound:  # bound but not listening: nobody answers here
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(Problem, match=f"Nothing answers at 127.0.0.1:{port}"):
            open_source(f"rtsp://127.0.0.1:{port}/room")


def test_a_server_of_another_kind_is_named():
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as web:
        port = web.stdout.readline().split("port ")[1].split()[0]
        with pytest.raises(Problem, match="another language than RTSP"):
            open_source(f"rtsp://127.0.0.1:{port}/room")
        web.kill()


@pytest.fixture(scope="module")
def issued(tmp_path_factory):
    """A school's authority, and certificates: of this machine, of another one, and one nobody vouches for."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = certificate("The school's authority")
    (folder / "authority.crt").write_bytes(authority[0].public_bytes(Encoding.PEM))
    for name, made in (
        ("right", certificate("camera", authority, "localhost")),
        ("other", certificate("camera", authority, "elsewhere.example")),
        ("alone", certificate("camera", None, "localhost")),
    ):
        key = made[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.pem").write_bytes(made[0].public_bytes(Encoding.PEM) + key)
    return folder


def certificate(subject, issuer=None, host=None):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer[0].subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
    )
    if host:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return made.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def encrypted(server, host="localhost"):
    return f"rtsps://teacher:chalk@{host}:{server.port}/room"


def test_an_encrypted_stream_gives_pictures(issued):
    with Server("--locked", "--tls", issued / "right.pem") as server:
        source = open_source(encrypted(server), ca_file=str(issued / "authority.crt"))
        assert source.read() is not None
        source.close()


@pytest.mark.parametrize(
    ("shows", "known_by", "why"),
    [
        ("other", "authority.crt", "Hostname mismatch"),
        ("alone", "authority.crt", "self.signed certificate"),
        ("right", None, "unable to get local issuer certificate"),
        ("alone", None, "self.signed certificate"),
    ],
)
def test_a_server_that_does_not_prove_who_it_is_gets_nothing(issued, shows, known_by, why):
    with (
        Server("--locked", "--tls", issued / f"{shows}.pem") as server,
        pytest.raises(Problem, match=f"does not prove that it is localhost: .*{why}") as problem,
    ):
        open_source(encrypted(server), ca_file=known_by and str(issued / known_by))
    assert "chalk" not in str(problem.value)


def test_nothing_is_sent_to_a_server_that_does_not_prove_who_it_is(issued):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued / "other.pem")
    got = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_listen, args=(listener, context, got), daemon=True).start()
        with pytest.raises(Problem, match="does not prove"):
            open_source(
                f"rtsps://teacher:chalk@localhost:{listener.getsockname()[1]}/room",
                ca_file=str(issued / "authority.crt"),
            )
        listener.shutdown(socket.SHUT_RDWR)
    assert got
    assert not any(got)


def _listen(listener, context, got):
    """Notes what comes through each connection once it is encrypted."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(connection, server_side=True) as encrypted:
                got.append(encrypted.recv(4096))
        except OSError:
            got.append(b"")


def test_a_camera_named_by_a_number_must_be_known_by_its_own_certificate(issued):
    with Server("--locked", "--tls", issued / "alone.pem") as server:
        with pytest.raises(Problem, match="names its camera by a number"):
            open_source(encrypted(server, "127.0.0.1"))
        source = open_source(encrypted(server, "127.0.0.1"), ca_file=str(issued / "alone.pem"))
        assert source.read() is not None
        source.close()


def test_an_opencv_that_checks_nothing_is_not_used():
    with pytest.raises(Problem, match="checks no certificate"):
        rtsp.trusted("rtsps://camera/room", None, 59)


def test_a_server_without_encryption_is_named(server, issued):
    with pytest.raises(Problem, match="does not speak TLS"):
        open_source(encrypted(server), ca_file=str(issued / "authority.crt"))


def test_missing_certificates_are_named(tmp_path):
    with pytest.raises(Problem, match=r"There is no file .*none\.crt"):
        open_source("rtsps://camera/room", ca_file=str(tmp_path / "none.crt"))


SECRETS = [
    "rtsp://teacher:chalk@{place}/room",
    "rtsp://teacher:ch/alk@{place}/room",
    "rtsp://teacher:ch#alk@{place}/room",
    "rtsp://teacher:ch?alk@{place}/room",
    "rtsp://teacher:ch@alk@{place}/room",
    "rtsp://teacher:12/chalk@{place}/room",
    "rtsp://teacher:ch:alk@{place}/room",
    "rtsp://teacher:chalk",
    "rtsp://{place}/room?user=teacher&password=chalk",
    "rtsp://{place}/room?password=ch@alk",
    "rtsp://{place}/user=teacher&password=chalk&channel=1",
    "rtsp://{place}/user=teacher_password=chalk_channel=1.sdp",
    "rtsp://{place}/room#chalk",
    "rtsp:/teacher:chalk@{place}/room",
    "RTSP://teacher:chalk@{place}/room",
]


@pytest.mark.parametrize("address", SECRETS)
def test_no_message_tells_a_password_wherever_it_stands(address, monkeypatch):
    """Against a server that refuses whatever is asked, and against none."""
    monkeypatch.setattr(opencv, "_STREAM_TIMEOUT", 300)
    monkeypatch.setattr(rtsp, "_PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as refusing:
        place = f"127.0.0.1:{refusing.getsockname()[1]}"
        threading.Thread(target=_refuse, args=(refusing,), daemon=True).start()
        for answer in (place, "127.0.0.1:1"):
            with pytest.raises(Problem) as problem:
                open_source(address.format(place=answer))
            told = str(problem.value).replace("user:password@", "")
            assert not any(secret in told for secret in ("chalk", "ch/", "ch#", "ch?", "ch@", "ch:", "alk", "12/"))
        refusing.shutdown(socket.SHUT_RDWR)


def _refuse(listener):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n")


def test_what_is_shown_of_a_source():
    assert shown("/lessons/what?=#1.mp4") == "/lessons/what?=#1.mp4"
    assert shown("rtsp://camera:554/room/1") == "rtsp://camera:554/room/1"
    assert shown("rtsp://[::1]:554/room") == "rtsp://[::1]:554/room"
    assert shown("rtsp://teacher:chalk@camera/room?x=1") == "rtsp://***@camera/room***"
    assert shown("rtsp://camera/live@hd") == "rtsp://***"


@pytest.mark.parametrize("address", ["rtsp:///room", "rtsp://camera:99999/", "rtsp://no-such-host.invalid/room"])
def test_a_wrong_address_is_refused(address):
    with pytest.raises(Problem, match=r"(address|host)"):
        open_source(address)
