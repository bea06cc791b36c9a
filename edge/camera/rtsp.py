"""Why an RTSP stream cannot be opened: asked of the server itself, because OpenCV only says no."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit, urlunsplit

__all__ = ["why_not"]

_PATIENCE = 5.0


def why_not(url: str) -> str:
    """One sentence on what is wrong and one on what to do. Never holds the password."""
    try:
        parts = urlsplit(url)
        port = parts.port or (322 if parts.scheme == "rtsps" else 554)
    except ValueError as error:
        return f"The stream's address is not right: {error}. Write it as rtsp://host:554/name."
    host = parts.hostname
    if not host:
        return "The stream's address names no host. Write it as rtsp://host:554/name."
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    plain = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            answer = "" if parts.scheme == "rtsps" else _describe(connection, plain)
    except OSError as error:
        return _no_connection(host, place, error)
    if answer == "401":
        return (
            f"The stream {plain} wants a user and password, or others than those given. "
            f"Write them as rtsp://user:password@{place}{parts.path}."
        )
    if answer == "404":
        return f"The camera at {place} has no stream {parts.path or '/'}. Its manual names the path."
    return f"The stream {plain} could not be opened (the server answers {answer or 'nothing'}). Check port and path."


def _describe(connection: socket.socket, url: str) -> str:
    """The status code of the server's answer; what else it says if it speaks no RTSP."""
    connection.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n".encode())
    line = connection.recv(256).decode("ascii", "replace").splitlines()
    words = line[0].split() if line else []
    return words[1] if len(words) > 1 and words[0].startswith("RTSP/") else "in another language than RTSP"


def _no_connection(host: str, place: str, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"The stream's host {host} is unknown. Check the name, or give its number."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing answers at {place}. Check that the camera's RTSP server is on, and its port."
    return f"The camera at {place} does not answer: {error.strerror or error}. Check its power and the network."
