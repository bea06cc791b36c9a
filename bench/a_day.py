"""A day of a classroom in minutes, with faults at random: nothing may be lost, and memory may not grow. Prints JSON.

The sensor's spool and publisher deliver one record for every ten seconds of a day to a real mosquitto. Meanwhile the
broker is stopped, killed and made deaf, connections are cut, the process is killed, and the disk is filled.

python bench/a_day.py                   # 8640 records
python bench/a_day.py --hours 2 --seed 7
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from broker import Ear, Mosquitto, eventually  # noqa: E402
from doorman import Doorman  # noqa: E402

SPEAKER = ROOT / "tests" / "faults" / "speaker.py"
PACE = 0.01  # seconds of ours for ten of theirs
FAULTS = ("broker stopped", "broker killed", "deaf", "cut", "killed", "disk full")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    flags = parser.parse_args()
    print(f"seed {flags.seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"hours": flags.hours, "seed": flags.seed, **live(Path(folder), flags.hours, flags.seed)}))


def live(folder: Path, hours: float, seed: int) -> dict[str, object]:
    chance, wanted = random.Random(seed), round(hours * 360)
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], check=True)
    kept = f"persistence true\npersistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1"
    broker = Mosquitto(folder, f"allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n{kept}")
    counts, memory, began = dict.fromkeys(FAULTS, 0), [], time.monotonic()
    try:
        with (
            broker,
            Doorman(broker.port) as door,
            Ear(broker.port, "edge-engage/#", "-c", "-i", "ear", "-x", "3600") as ear,
        ):
            speaker = speak(disk, door.url, wanted)
            eventually(lambda: heard(ear), "the day begins")
            while speaker.poll() is None:
                time.sleep(chance.uniform(0.5, 3))
                if speaker.poll() is None:
                    memory.append((speaker.pid, psutil.Process(speaker.pid).memory_info().rss / 2**20))
                    fault = chance.choice(FAULTS)
                    counts[fault] += 1
                    speaker = happen(fault, broker, door, disk, speaker, chance, wanted, ear)
            assert speaker.returncode == 0, f"the sensor ended with {speaker.returncode}"
            with suppress(AssertionError):
                eventually(lambda: len(heard(ear)) >= wanted, "all come", 30)
            told = [json.loads(said) for said in ear.said("engagement")]
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
    first = {record["seq"]: record for record in reversed(told)}
    return {
        "records": len(first),
        "lost": wanted - len(first),
        "gaps": sorted(set(range(wanted)) - set(first))[:20],
        "twice": len(told) - len(first),
        "numbers_given_twice": sum(first[record["seq"]] != record for record in told),
        "faults": counts,
        "seconds": round(time.monotonic() - began),
        "memory_mb": growth(memory),
    }


def speak(disk: Path, url: str, until: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, SPEAKER, disk / "state", url, str(until), str(PACE)], stderr=subprocess.DEVNULL
    )


def happen(
    fault: str,
    broker: Mosquitto,
    door: Doorman,
    disk: Path,
    speaker: subprocess.Popen[bytes],
    chance: random.Random,
    wanted: int,
    ear: Ear,
) -> subprocess.Popen[bytes]:
    """One fault, from its beginning to its end. Returns the process that speaks then."""
    if fault in ("broker stopped", "broker killed"):
        known = len(ear.heard)
        if fault == "broker killed":
            # What it has taken and not passed on to a listener that is away dies with it, and is none of our loss.
            newest = int((disk / "state" / "seq").read_text()) - 1
            eventually(lambda: max(heard(ear), default=-1) >= newest or speaker.poll() is not None, "it listens", 120)
        (broker.process.terminate if fault == "broker stopped" else broker.process.kill)()
        broker.process.wait()
        time.sleep(chance.uniform(0, 3))
        broker.start()
        eventually(lambda: len(ear.heard) > known or speaker.poll() is not None, "the listener is back", 120)
    elif fault == "deaf":
        door.mute = True
        time.sleep(chance.uniform(0, 2))
        door.mute = False
    elif fault == "cut":
        door.drop()
    elif fault == "killed":
        speaker.kill()
        speaker.wait()
        return speak(disk, door.url, wanted)
    else:
        other = disk / "other"
        with other.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                time.sleep(chance.uniform(0, 2))
        other.unlink()
        # What waits in memory goes to the disk with the next record; a kill before that would cost it.
        time.sleep(0.5)
    return speaker


def growth(memory: list[tuple[int, float]]) -> dict[str, float]:
    """Of the process that lived longest: at its first glance, at its last, and the most."""
    lives: dict[int, list[float]] = {}
    for process, size in memory:
        lives.setdefault(process, []).append(size)
    longest = max(lives.values(), key=len)
    return {
        "glances": len(longest),
        "first": round(longest[0], 1),
        "last": round(longest[-1], 1),
        "most_of_all": round(max(size for _, size in memory), 1),
    }


def heard(ear: Ear) -> set[int]:
    return {json.loads(said)["seq"] for said in ear.said("engagement")}


if __name__ == "__main__":
    main()
