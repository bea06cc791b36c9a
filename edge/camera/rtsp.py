"""Why an RTSP stream cannot be opened: asked of the server itself, because OpenCV only says no."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import SplitResult, urlsplit, urlunsplit

from edge.camera.address import shown

__all__ = ["why_not"]

_PATIENCE = 5.0
_HOW = (
    "Write it as rtsp://host:554/name, with %2F, %3F, %23, %3A and %40 for each / ? # : and @ within a user or password."
)


def why_not(url: str, trusted: str | None = None) -> str:
    """One sentence on what is wrong and one on what to do. Never holds the password.

    `trusted` is the file of certificates that an encrypted stream's server must be known by.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (322 if parts.scheme == "rtsps" else 554)
    except ValueError:  # its message may quote the password
        return f"The stream's address is not right. {_HOW}"
    host = parts.hostname
    if not host:
        return f"The stream's address names no host. {_HOW}"
    if "@" in parts.path + parts.query + parts.fragment:
        return f"The stream could not be opened, and its address can be read in two ways. {_HOW}"
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            answer = _asked(connection, parts, place, trusted)
    except ssl.SSLCertVerificationError as error:
        return _not_trusted(host, place, error)
    except ssl.SSLError:
        return f"The camera at {place} does not speak TLS as rtsps:// asks. Check the port, and its RTSPS setting."
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


def _asked(connection: socket.socket, parts: SplitResult, place: str, trusted: str | None) -> str:
    # Without the account: an answer that it is wanted says enough.
    url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    if parts.scheme != "rtsps":
        return _describe(connection, url)
    context = ssl.create_default_context(cafile=trusted)
    with context.wrap_socket(connection, server_hostname=parts.hostname) as encrypted:
        return _describe(encrypted, url)


def _describe(connection: socket.socket, url: str) -> str:
    """The status code of the server's answer; what else it says if it speaks no RTSP."""
    connection.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode())
    line = connection.recv(256).decode("ascii", "replace").splitlines()
    words = line[0].split() if line else []
    return words[1] if len(words) > 1 and words[0].startswith("RTSP/") else "in another language than RTSP"


def _not_trusted(host: str, place: str, error: ssl.SSLCertVerificationError) -> str:
    return (
        f"The camera at {place} does not prove that it is {host}: {error.verify_message}. "
        "Nothing was sent to it. Name it as its certificate does, and its certificate's issuer with camera.ca_file."
    )


def _no_connection(host: str, place: str, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"The stream's host {host} is unknown. Check the name, or give its number."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing answers at {place}. Check that the camera's RTSP server is on, and its port."
    return f"The camera at {place} does not answer: {error.strerror or error}. Check its power and the network."
