"""The page's server, on this machine only: the page, its picture as a stream, and what is said of it."""

from __future__ import annotations

import sys
import threading
from contextlib import AbstractContextManager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from edge.errors import Problem
from train.live.screen import Screen

__all__ = ["Server"]

_HOST = "127.0.0.1"
_FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
# The browser itself sees to it that the page asks nobody else for anything, that no other page shows or reads
# what this one does, and that no picture is left in its cache.
_ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_CUT = "picture"
_END = f"\r\n--{_CUT}\r\n".encode()


class Server(AbstractContextManager["Server"]):
    """Takes its port at once, so that a busy one is a Problem before anything else; answers after `begin`."""

    def __init__(self, screen: Screen, port: int) -> None:
        self._screen = screen
        try:
            self._server = _Pages((_HOST, port), screen)
        except OSError as error:
            raise Problem(
                f"The page cannot use port {port} of this machine: {error.strerror}. Name another one with --port."
            ) from None
        self.address = f"http://{_HOST}:{port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, name="page", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._screen.close()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Pages(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], screen: Screen) -> None:
        self.screen = screen
        # Other web sites open in the same browser must not reach the page under a name of theirs.
        self.hosts = {f"{name}:{address[1]}" for name in (_HOST, "localhost")}
        super().__init__(address, _Answering)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # which only says that a page was closed
            super().handle_error(request, client_address)


class _Answering(BaseHTTPRequestHandler):
    server: _Pages
    server_version, sys_version = "edge-engage", ""

    def do_GET(self) -> None:
        if not self._welcome():
            return
        if self.path in _FILES:
            name, kind = _FILES[self.path]
            self._give(Path(__file__).with_name(name).read_bytes(), kind)
        elif self.path == "/picture":
            self._stream(f"multipart/x-mixed-replace; boundary={_CUT}", pictures=True)
        elif self.path == "/answers":
            self._stream("text/event-stream", pictures=False)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """`/attention/on` and `/attention/off`: the one thing a page can ask for."""
        if not self._welcome():
            return
        if self.path not in ("/attention/on", "/attention/off"):
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        self.server.screen.attention = self.path.endswith("on")
        self._give(b"", "text/plain")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nobody is told who looked when."""

    def _welcome(self) -> bool:
        own = self.headers.get("Host", "") in self.server.hosts
        # A browser says where a request comes from; other programs of this machine say nothing.
        same = self.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        origin = self.headers.get("Origin")
        if own and same and (origin is None or origin.removeprefix("http://") in self.server.hosts):
            return True
        self._refuse(HTTPStatus.BAD_REQUEST if not own else HTTPStatus.FORBIDDEN)
        return False

    def _give(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._head(kind, status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: HTTPStatus) -> None:
        self._give(f"{status.phrase}\n".encode(), "text/plain", status)

    def _head(self, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in _ALWAYS.items():
            self.send_header(name, value)

    def _stream(self, kind: str, *, pictures: bool) -> None:
        """Each newest thing as it comes; what came while this page was slow is left out."""
        self._head(kind)
        self.end_headers()
        self.wfile.write(_END if pictures else b"")
        turn = 0
        while (now := self.server.screen.after(turn)) is not None:
            turn, picture, said = now
            if not pictures:
                self.wfile.write(b"data: " + msgspec.json.encode(said) + b"\n\n")
            elif picture:
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                # A browser shows a picture when it has seen its end.
                self.wfile.write(head.encode() + picture + _END)
