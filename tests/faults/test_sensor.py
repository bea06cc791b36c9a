"""The whole sensor as a process: an hour without a broker, kill -9, and a disk that is full, read-only or damaged."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
from broker import Ear, Heard, Mosquitto, eventually
from parts import need_root

pytestmark = pytest.mark.system
HOUR = 360  # windows of ten seconds


def records(ear: Ear) -> list[dict]:
    return [json.loads(payload) for payload in ear.said("engagement")]


def test_an_hour_without_a_broker_is_delivered_afterwards_in_order_and_once(sensor, tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        with Ear(broker.port) as ear:
            first = sensor(broker.url, "--unpaced", "--windows", 3)
            assert first.wait(60) == 0, first.stderr.read()
            eventually(lambda: len(records(ear)) == 3, "before the outage")
        broker.stop()
        away = sensor(broker.url, "--unpaced", "--windows", HOUR)
        assert away.wait(60) == 3, "what could not be delivered is said"
        assert f"{HOUR} records were not delivered" in away.stderr.read()
        broker.start()
        with Ear(broker.port) as ear:
            back = sensor(broker.url, "--unpaced", "--windows", 40)
            assert back.wait(60) == 0, back.stderr.read()
            eventually(lambda: len(records(ear)) >= HOUR + 40, "all are delivered")
            heard = [told for told in ear.heard if told.topic == "engagement"]
        with Ear(broker.port) as late:
            eventually(lambda: late.said("engagement"), "one is retained")
            assert json.loads(late.said("engagement")[0])["seq"] == 3 + HOUR + 39, "the newest"
    told = records(ear)
    assert sorted(record["seq"] for record in told) == list(range(3, 3 + HOUR + 40))
    newest = 3 + HOUR - 1  # of the outage: it is still news when the broker is back, and goes first
    outage = [record for record in told if record["seq"] < newest]
    assert [record["seq"] for record in outage] == list(range(3, newest)), "the backlog, in order"
    steps = {
        (datetime.fromisoformat(b["start"][:-1]) - datetime.fromisoformat(a["start"][:-1])).seconds
        for a, b in itertools.pairwise(outage)
    }
    assert steps <= {9, 10, 11}, "with the times they are of"
    _backlog_does_not_expire(heard, border=newest)


def _backlog_does_not_expire(heard: list[Heard], *, border: int) -> None:
    for told in heard:
        late = json.loads(told.payload)["seq"] < border
        assert bool(told.expiry) != late, told


def test_the_sensor_killed_minus_nine_again_and_again_loses_nothing(sensor, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear:
        for _ in range(5):
            known = len(ear.heard)
            killed = sensor(broker.url, "--windows", 10**6, "--unpaced")
            eventually(lambda n=known: len(ear.heard) > n + 20, "it speaks", 60)
            with pytest.raises(subprocess.TimeoutExpired):
                killed.wait(chance.uniform(0, 0.5))
            killed.kill()
            killed.wait()
        last = sensor(broker.url, "--windows", 5, "--unpaced")
        assert last.wait(60) == 0, last.stderr.read()
        eventually(lambda: ear.said("availability")[-1:] == ["offline"], "the end")
    _nothing_lost_and_none_given_twice(records(ear))


def _nothing_lost_and_none_given_twice(told: list[dict]) -> None:
    numbers = [record["seq"] for record in told]
    assert sorted(set(numbers)) == list(range(max(numbers) + 1)), "no gap"
    first = {record["seq"]: record for record in reversed(told)}
    assert all(first[record["seq"]] == record for record in told), "what comes twice is the same record"


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    need_root("mounts a small disk")
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def full(folder: Path) -> Iterator[Path]:
    with mounted(folder, "-o", "size=64k") as disk:
        (disk / "other").write_bytes(bytes(60 * 1024))
        with suppress(OSError):
            (disk / "more").write_bytes(bytes(60 * 1024))
        yield disk


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    with mounted(folder, "-o", "ro,size=64k") as disk:
        yield disk


@contextmanager
def damaged(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    (folder / "spool.db").write_bytes(bytes(range(256)) * 100)
    (folder / "seq").write_text("500")
    yield folder


@pytest.mark.parametrize(
    ("state", "words"),
    [(full, "kept in memory"), (read_only, "kept in memory"), (damaged, "was damaged")],
    ids=["full", "read-only", "damaged"],
)
def test_a_disk_that_cannot_be_used_ends_no_sensor_and_is_said(sensor, tmp_path: Path, state, words: str) -> None:
    with Mosquitto(tmp_path) as broker, Ear(broker.port) as ear, state(tmp_path / "disk") as folder:
        running = sensor(broker.url, "--unpaced", "--windows", 4, state=folder)
        assert running.wait(60) == 0, running.stderr.read()
        eventually(lambda: len(records(ear)) >= 4, "it delivers")
        assert words in (json.loads(ear.said("health")[-1])["last_error"] or "")
        said = running.stderr.read()
        assert words in said
        assert "Traceback" not in said
    numbers = [record["seq"] for record in records(ear)]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert numbers[0] >= 600 if state is damaged else numbers[0] > 1_700_000_000
