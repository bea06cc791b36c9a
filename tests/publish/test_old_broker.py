"""A broker that only speaks MQTT 3.1.1 (amqtt)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from broker import Ear, eventually, free_port

from edge.publish import Publisher, Topics, parse

BROKER = """
import asyncio, sys
from amqtt.broker import Broker

async def serve():
    broker = Broker({"listeners": {"default": {"type": "tcp", "bind": sys.argv[1]}},
                     "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}})
    await broker.start()
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""


def test_an_old_broker_is_spoken_to_in_its_own_version(tmp_path: Path) -> None:
    port = free_port()
    with (tmp_path / "log").open("w") as log:
        broker = subprocess.Popen(
            [sys.executable, "-c", BROKER, f"127.0.0.1:{port}"], stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert broker.stdout
    assert broker.stdout.readline() == "up\n", (tmp_path / "log").read_text()
    try:
        with (
            Publisher(parse(f"mqtt://127.0.0.1:{port}"), Topics("school", "room-1"), expires=30) as voice,
            Ear(port, "edge-engage/v1/#", "-V", "311") as ear,
        ):
            assert voice.connected, voice.trouble
            assert voice.protocol == "MQTT 3.1.1"
            voice.engagement(b"record")
            ear.wait("engagement", "record")
            ear.wait("availability", "online")
            words = f"-V 311 -p {port} -q 1 -t edge-engage/v1/school/room-1/command -m pause"
            subprocess.run(["mosquitto_pub", *words.split()], check=True)
            eventually(lambda: voice.command() == "pause", "the command came")
    finally:
        broker.kill()
        broker.wait()
