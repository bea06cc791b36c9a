"""Does the sensor grow? Runs its loop on a looped clip; prints memory and tracks over time as JSON.

python bench/endurance.py --minutes 10              # at the clip's own speed
python bench/endurance.py --minutes 120 --unpaced   # two hours of clip, as fast as it goes
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from edge.aggregate.record import Aggregate, Measured  # noqa: E402
from edge.config import Config  # noqa: E402
from edge.config.sections import Camera  # noqa: E402
from edge.stages import Stages  # noqa: E402
from edge.wiring import build_sensor, build_vision  # noqa: E402

CLIP = ROOT / "edge" / "demo" / "classroom.mp4"
TOLD = 25  # moments of which the result tells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="minutes of clip")
    parser.add_argument("--unpaced", action="store_true")
    parser.add_argument("--source", type=Path, default=CLIP)
    flags = parser.parse_args()
    rows: list[tuple[float, float, int, float | None]] = []
    began = time.monotonic()

    def publish(record: Aggregate) -> None:
        """One record a window of ten seconds of clip."""
        faces = record.faces if isinstance(record, Measured) else None
        rows.append((psutil.Process().memory_info().rss / 2**20, time.monotonic() - began, vision.remembered, faces))

    config = Config(camera=Camera(source=str(flags.source)))
    vision = build_vision(config)
    sensor = build_sensor(
        config,
        vision=vision,
        stages=Stages(),
        next_seq=itertools.count().__next__,
        publish=publish,
        unpaced=flags.unpaced,
        repeat=True,
    )
    sensor.run(windows=round(flags.minutes * 6))
    memory, _, tracks, faces = zip(*rows, strict=True)
    settled = memory[len(memory) // 10 :]  # buffers and pools are filled in the first tenth
    moments = range(0, len(rows), max(1, len(rows) // TOLD))
    print(
        json.dumps(
            {
                "minutes_of_clip": flags.minutes,
                "unpaced": flags.unpaced,
                "windows": len(rows),
                "frames": sensor.vitals().frames,
                "seconds": round(time.monotonic() - began),
                "memory_mb": {
                    "first_window": round(memory[0], 1),
                    "settled": round(settled[0], 1),
                    "last": round(memory[-1], 1),
                    "most": round(max(memory), 1),
                    "growth_since_settled": round(settled[-1] - settled[0], 1),
                },
                "tracks": {"least": min(tracks), "most": max(tracks), "last": tracks[-1]},
                "faces": {"least": min(f for f in faces if f), "most": max(f for f in faces if f)},
                "over_time": [
                    {"minute": round((at + 1) / 6, 1), "memory_mb": round(memory[at], 1), "tracks": tracks[at]}
                    for at in moments
                ],
            }
        )
    )


if __name__ == "__main__":
    main()
