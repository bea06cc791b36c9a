"""`edge-engage dashboard`: the page's program, on this machine only."""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from edge.broker import broker_of
from edge.config import Config, connection_warnings
from edge.dashboard.listener import Listener
from edge.errors import Problem
from edge.keys import private_key
from edge.publish import Address

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["check_port", "serve", "show"]

_log = logging.getLogger(__name__)
_HOST = "127.0.0.1"
# The browser itself sees to it that the page asks nobody else for anything. The engine of the page compiles
# templates in the browser and reads its own scripts from blobs, hence the wider script rule.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'self'"
)

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#1f7a6d"/>'
    '<path d="M7 20a9 9 0 0 1 18 0" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>'
)


def serve(config: Config, *, every_room: bool = False) -> int:
    """Serve the page until interrupted, for the configured room or for every room the broker tells of."""
    address = broker_of(config)
    if address is None:
        raise Problem("The page has no broker to listen to. Give --mqtt mqtt://host:1883, or set mqtt.url.")
    for warning in connection_warnings(config):
        _log.warning(warning)
    key = private_key(Path(config.dashboard.signing_key)) if config.dashboard.signing_key else None
    check_port(config.dashboard.port)
    site, room = config.site.site, config.site.room
    rooms = "every room" if every_room else f"{site}/{room}"
    print(
        f"The page: http://{_HOST}:{config.dashboard.port} (shows {rooms} from {address}). Ctrl-C ends it.", flush=True
    )
    return show(address, site=site, room=room, port=config.dashboard.port, every_room=every_room, key=key)


def check_port(port: int) -> None:
    """A busy port is a `Problem` before anything else is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise Problem(
                f"The page cannot use port {port} of this machine: {error.strerror}. Name another one with --port."
            ) from None


def show(
    address: Address,
    *,
    site: str,
    room: str,
    port: int,
    every_room: bool = False,
    key: Ed25519PrivateKey | None = None,
) -> int:
    """The page itself, until interrupted. `key` signs its commands."""
    try:
        from nicegui import app, ui
        from starlette.middleware.trustedhost import TrustedHostMiddleware
    except ImportError:
        raise Problem("The page's parts are not installed. Run: pip install 'edge-engage[dashboard]'") from None
    from edge.dashboard.page import show_page

    # Other web sites open in the same browser must not reach the page under a name of theirs.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[_HOST, "localhost"])
    app.add_middleware(_Headers)
    topic = "edge-engage/v1/+/+/#" if every_room else f"edge-engage/v1/{site}/{room}/#"
    with Listener(address, topic, key=key) as listener:

        def root() -> None:
            show_page(listener, site, room)

        with suppress(KeyboardInterrupt):
            ui.run(
                root,
                host=_HOST,
                port=port,
                title="edge-engage",
                favicon=_ICON,
                dark=None,
                language="en-GB",
                reload=False,
                show=False,
                show_welcome_message=False,
            )
    return 0


class _Headers:
    """Adds the policy to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", _POLICY.encode())]
            await send(message)

        await self._app(scope, receive, send_with_policy)
