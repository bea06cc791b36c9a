"""Whom an RTSP stream may come from, and why it cannot be opened: asked of its server, because OpenCV only says no."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

from edge.camera.address import shown
from edge.errors import Problem

__all__ = ["trusted", "why_not"]

_PATIENCE = 5.0
_CHECKS = 62  # the first libavformat seen to check an RTSP server's certificate; 59 passes over the options in silence
_SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
_HOW = "Write it as rtsp://host:554/name, with %2F, %3F, %23, %3A and %40 for each / ? # : and @ in a user or password."


def trusted(url: str, ca_file: str | None, libavformat: int) -> str:
    """The file of certificates FFmpeg is to check the server of an rtsps:// address by; a Problem if it would not."""
    if libavformat < _CHECKS:
        raise Problem(
            f"This OpenCV (libavformat {libavformat}) checks no certificate of an rtsps:// camera, and would give "
            "the password to whoever answers. Install opencv-python-headless 4.14 or newer, or use rtsp:// within a "
            "network you trust."
        )
    if not ca_file and _is_number(url):
        raise Problem(
            f"{shown(url)} names its camera by a number, which no certificate of the system's can be checked against. "
            "Write the name its certificate bears, or give the camera's own certificate with camera.ca_file."
        )
    file = ca_file or ssl.get_default_verify_paths().cafile or _SYSTEM
    if not Path(file).is_file():
        raise Problem(f"There is no file {file} to check the camera's certificate by. Name one with camera.ca_file.")
    if set(file) & set(";|\\'"):
        raise Problem(f"The name {file} holds a character that FFmpeg does not take. Rename it (camera.ca_file).")
    return file


def _is_number(url: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return True


def why_not(url: str, certificates: str | None = None) -> str:
    """One sentence on what is wrong and one on what to do. Never holds the password.

    `certificates` is the file by which an encrypted stream's server must be known.
    """
    try:
        parts, host, port = _parts(url)
    except Problem as problem:
        return str(problem)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            answer = _asked(connection, parts, place, certificates)
    except OSError as error:
        return _no_connection(host, place, error)
    plain = shown(url)
    if answer == "401":
        return (
            f"The stream {plain} wants a user and password, or others than those given. "
            f"Write them as {parts.scheme}://user:password@{place}/…"
        )
    if answer == "404":
        path = plain.partition("://")[2].partition("/")[2]
        return f"The camera at {place} has no stream /{path}. Its manual names the path."
    return f"The stream {plain} could not be opened (the server answers {answer}). Check port and path."


def _parts(url: str) -> tuple[SplitResult, str, int]:
    """The address, its host and port; a Problem if they cannot be told for sure."""
    try:
        parts = urlsplit(url)
        port = parts.port or (322 if parts.scheme == "rtsps" else 554)
    except ValueError:  # its message may quote the password
        raise Problem(f"The stream's address is not right. {_HOW}") from None
    if not parts.hostname:
        raise Problem(f"The stream's address names no host. {_HOW}")
    if "@" in parts.path + parts.query + parts.fragment:
        raise Problem(f"The stream could not be opened, and its address can be read in two ways. {_HOW}")
    return parts, parts.hostname, port


def _asked(connection: socket.socket, parts: SplitResult, place: str, certificates: str | None) -> str:
    # Without the account: an answer that it is wanted says enough.
    url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    if parts.scheme != "rtsps":
        return _describe(connection, url)
    context = ssl.create_default_context(cafile=certificates)
    with context.wrap_socket(connection, server_hostname=parts.hostname) as encrypted:
        return _describe(encrypted, url)


def _describe(connection: socket.socket, url: str) -> str:
    """The status code of the server's answer; what else it says if it speaks no RTSP."""
    connection.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode())
    line = connection.recv(256).decode("ascii", "replace").splitlines()
    words = line[0].split() if line else []
    return words[1] if len(words) > 1 and words[0].startswith("RTSP/") else "in another language than RTSP"


def _no_connection(host: str, place: str, error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The camera at {place} does not prove that it is {host}: {error.verify_message}. Nothing was sent to it. "
            "Name it as its certificate does, and whoever vouches for that with camera.ca_file."
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"What answers at {place} does not speak TLS, as rtsps:// asks. Check the port and the camera's settings."
        )
    if isinstance(error, socket.gaierror):
        return f"The stream's host {host} is unknown. Check the name, or give its number."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing answers at {place}. Check that the camera's RTSP server is on, and its port."
    return f"The camera at {place} does not answer: {error.strerror or error}. Check its power and the network."
