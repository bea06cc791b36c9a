"""`edge-engage watch`: draws once a second until somebody presses q."""

from __future__ import annotations

import contextlib
import curses
import logging
import sys
import time

from edge.broker import broker_of
from edge.config import Config
from edge.dashboard.listener import Listener
from edge.dashboard.rooms import Room
from edge.errors import Problem
from edge.watch.words import many, one

__all__ = ["watch"]

_KEYS = "q: leave"
_MILLISECONDS = 1000


def watch(config: Config, *, every_room: bool) -> int:
    address = broker_of(config)
    if address is None:
        raise Problem("There is no broker to listen to. Give --mqtt mqtt://host:1883, or set mqtt.url.")
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise Problem("This is for a terminal. Programs take the records from the broker; see docs/contract.md.")
    site, room = config.site.site, config.site.room
    topic = "edge-engage/v1/+/+/#" if every_room else f"edge-engage/v1/{site}/{room}/#"
    logging.disable()  # a line of it would spoil the screen, which tells of the same troubles
    with Listener(address, topic) as listener, contextlib.suppress(KeyboardInterrupt):
        curses.wrapper(_draw, listener, None if every_room else Room(site, room))
    return 0


def _draw(window: curses.window, listener: Listener, wanted: Room | None) -> None:
    with contextlib.suppress(curses.error):  # some terminals cannot hide it
        curses.curs_set(0)
    window.timeout(_MILLISECONDS)
    while window.getch() not in (ord("q"), ord("Q")):
        height, width = window.getmaxyx()
        if height < 3:
            continue
        rooms, now = listener.rooms.all(), time.monotonic()
        if wanted is None:
            lines = many(rooms, listener.trouble, now, width - 1)
        else:
            room = next((room for room in rooms if room.base == wanted.base), wanted)
            lines = one(room, listener.trouble, now, width - 1, height)
        window.erase()
        for row, line in enumerate(lines[: height - 2]):
            window.addstr(row, 0, line, curses.A_BOLD if row == 0 else curses.A_NORMAL)
        window.addstr(height - 1, 0, _KEYS[: width - 1], curses.A_DIM)
