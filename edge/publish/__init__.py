"""Talking to the MQTT broker. Payloads are bytes made elsewhere: publish does not know what they say.

address = address.parse(mqtt.url, username=..., password=..., ca_file=..., certificate=..., key=...)
with Publisher(address, Topics(site, room), expires=3 * window_seconds) as publisher: ...
"""

from edge.publish.address import Address, parse
from edge.publish.commands import Command
from edge.publish.outbox import MemoryOutbox, Outbox
from edge.publish.publisher import Publisher, State
from edge.publish.signed import Seal, signed
from edge.publish.topics import Topics

__all__ = ["Address", "Command", "MemoryOutbox", "Outbox", "Publisher", "Seal", "State", "Topics", "parse", "signed"]
