"""In which order records go out, and what of them the broker retains.

A new record goes out at once and is retained. Those that waited through an outage follow beside the new ones, oldest
first and so many a second, and are not retained: what is retained is the newest record there is. What the broker
declines is kept aside, in nobody's way, and offered again when its access list may have changed.
"""

from __future__ import annotations

import logging
import math
import time
from typing import Protocol

from edge.flow import Waiting
from edge.publish.link import Lost
from edge.publish.outbox import Outbox

__all__ = ["Delivery"]

_log = logging.getLogger(__name__)
_PATIENCE = 0.25  # seconds until something new to send is noticed
_OFFER = 600.0  # seconds until a declined record is offered again on the same connection
_FATAL = 5  # times that a connection ends over one record before it is kept aside


class Send(Protocol):
    def __call__(self, payload: bytes, *, retain: bool, expires: int | None) -> bool:
        """Whether the broker took it; `Lost` where the connection ended over it."""
        ...


class Delivery:
    def __init__(self, outbox: Outbox, *, expires: int, catch_up: float) -> None:
        """`expires` is for how many seconds a record is news; `catch_up` how many late ones may follow a second."""
        self._outbox = outbox
        self._expires = expires
        self._pause = 1 / catch_up
        self._reached = -1
        """The newest record that was sent or declined. Whatever waits and is not newer is late."""
        self._late_at = self._offer_at = 0.0
        self._cut = False
        """The last connection ended while a record was sent."""
        self._declined = False
        """The newest record was."""
        self._offered: int | None = None
        self._fatal: tuple[int, int] = (-1, 0)
        """A record over which connections end, and how many did."""

    def begin(self) -> None:
        """On a new connection all that wait are late, but for the newest record there is."""
        self._reached = max(self._reached, self._outbox.newest - 1)
        # What ends connections is not offered at the beginning of the next one.
        if not self._cut:
            self._offer()
        self._cut = False

    def turn(self, send: Send, *, forgets: bool, hurry: bool) -> float:
        """Send a new record and a late one, if there are. Returns for how many seconds there is nothing to do then.

        `forgets`: the broker drops a retained record when it expires. `hurry`: late ones need not wait their turn.
        """
        news = self._outbox.peek(self._reached)
        if news:
            self._tell(news, send, forgets=forgets)
        if time.monotonic() >= self._offer_at:
            self._offer()
        late = self._outbox.peek()
        if late is None or late.number > self._reached:
            return 0.0 if news else _PATIENCE
        now = time.monotonic()
        if hurry or now >= self._late_at:
            self._late_at = now + self._pause
            self._follow(late, send)
        return 0.0 if news or hurry else min(_PATIENCE, max(0.0, self._late_at - time.monotonic()))

    def _tell(self, news: Waiting, send: Send, *, forgets: bool) -> None:
        left = math.ceil(self._expires - news.age)
        fresh = left > 0
        taken = self._hand(news, send, retain=fresh or not forgets, expires=left if fresh else None)
        self._reached = news.number
        if taken and self._declined:
            self._outbox.offer(everything=True)
        self._declined = not taken

    def _follow(self, late: Waiting, send: Send) -> None:
        if self._hand(late, send, retain=False, expires=None) and late.number == self._offered:
            self._outbox.offer(everything=True)

    def _hand(self, waiting: Waiting, send: Send, *, retain: bool, expires: int | None) -> bool:
        try:
            taken = send(waiting.payload, retain=retain, expires=expires)
        except Lost:
            self._count_end(waiting.number)
            raise
        if taken:
            self._outbox.done(waiting.number)
        else:
            self._outbox.decline(waiting.number)
        return taken

    def _count_end(self, number: int) -> None:
        """A record that no broker survives, or none takes without ending the connection, must not hold up the rest."""
        last, times = self._fatal
        times = times + 1 if number == last else 1
        self._fatal, self._cut = (number, times), True
        if times >= _FATAL:
            _log.warning("The connection ended %d times over record %d, which is kept aside.", times, number)
            self._outbox.decline(number)

    def _offer(self) -> None:
        """One of the declined is asked about; where it is taken, the others follow."""
        self._offered = self._outbox.offer(everything=False)
        self._offer_at = time.monotonic() + _OFFER
