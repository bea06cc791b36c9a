"""Which MQTT a broker is spoken to in: 5 where it can, else 3.1.1, which every broker speaks."""

from __future__ import annotations

import time
from collections.abc import Callable

from paho.mqtt.enums import MQTTProtocolVersion

from edge.publish.link import ANSWER_SECONDS, Link, NoGreeting, OnlyOlder

__all__ = ["in_newest_version"]

_GREETING_SECONDS = 2.0  # within which a broker usually accepts
_MUCH_LONGER = 4.0  # times

_Dial = Callable[[MQTTProtocolVersion, float], Link]
"""Opens a link in a version of MQTT, and waits so many seconds for the broker to accept."""


def in_newest_version(dial: _Dial) -> Link:
    """Some old brokers refuse MQTT 5 in words; others close the connection or (amqtt) say nothing.

    So does a new one that is slow or starting. Its silence counts only if it accepts 3.1.1 and is then silent to
    MQTT 5 once more, for much longer than that took.
    """
    try:
        return dial(MQTTProtocolVersion.MQTTv5, _GREETING_SECONDS)
    except OnlyOlder:
        return dial(MQTTProtocolVersion.MQTTv311, ANSWER_SECONDS)
    except NoGreeting:
        began = time.monotonic()
        dial(MQTTProtocolVersion.MQTTv311, ANSWER_SECONDS).close()
        took = time.monotonic() - began
    try:
        return dial(MQTTProtocolVersion.MQTTv5, min(ANSWER_SECONDS, max(_GREETING_SECONDS, _MUCH_LONGER * took)))
    except (OnlyOlder, NoGreeting):
        return dial(MQTTProtocolVersion.MQTTv311, ANSWER_SECONDS)
