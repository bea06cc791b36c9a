"""kill -9 at random moments, fifty times of what delivers and twenty times of the broker: nothing is lost.

What is killed so often is `speaker.py`: the spool and the publisher of the sensor without its camera, which starts in a
tenth of the time. `test_sensor.py` kills the whole sensor.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from broker import Ear, Mosquitto, eventually

pytestmark = pytest.mark.system
SPEAKER = Path(__file__).with_name("speaker.py")
SENSOR, BROKER = 50, 20  # kills
MORE = 20  # records after the last kill


def test_fifty_kills_of_the_speaker_and_twenty_of_the_broker_lose_nothing(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    # The broker keeps the listener's session on its disk, as one that is to lose nothing must.
    kept = f"persistence true\npersistence_location {tmp_path}/\nautosave_on_changes true\nautosave_interval 1"
    broker = Mosquitto(tmp_path, f"allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n{kept}")
    state = tmp_path / "state"

    def speak(until: int = 10**9) -> subprocess.Popen[bytes]:
        words = (sys.executable, SPEAKER, state, broker.url, str(until), "0.02")
        return subprocess.Popen(words, stderr=subprocess.DEVNULL)

    with broker, Ear(broker.port, "edge-engage/#", "-c", "-i", "ear", "-x", "3600") as ear:
        falls = chance.sample(range(SENSOR), BROKER)
        for turn in range(SENSOR):
            known = len(ear.said("engagement"))
            speaker = speak()
            eventually(lambda n=known: len(ear.said("engagement")) > n, "it speaks", 60)
            time.sleep(chance.uniform(0, 0.3))
            both = [speaker.kill] + [broker.process.kill] * (turn in falls)
            for kill in chance.sample(both, len(both)):
                kill()
                time.sleep(chance.choice((0, 0.05)))
            speaker.wait()
            if turn in falls:
                broker.process.wait()
                broker.start()
        numbers = [json.loads(said)["seq"] for said in ear.said("engagement")]
        last = speak(max(numbers) + MORE)
        assert last.wait(60) == 0
        eventually(lambda: ear.said("availability")[-1:] == ["offline"], "the end")
        told = [json.loads(said) for said in ear.said("engagement")]
    numbers = [record["seq"] for record in told]
    assert sorted(set(numbers)) == list(range(max(numbers) + 1)), "no gap"
    assert len(set(numbers)) > SENSOR
    first = {record["seq"]: record for record in reversed(told)}
    assert all(first[record["seq"]] == record for record in told), "what comes twice is the same record"
    print(f"{len(set(numbers))} records, {len(told) - len(set(numbers))} of them twice, none lost")
