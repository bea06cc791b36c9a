"""Does the sensor's memory grow? Runs it on a looped clip and prints the resident memory over time as JSON.

python bench/endurance.py --minutes 10              # at the clip's own speed
python bench/endurance.py --minutes 120 --unpaced   # two hours of clip, as fast as it goes
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

CLIP = Path(__file__).parents[1] / "edge" / "demo" / "classroom.mp4"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="minutes of clip")
    parser.add_argument("--unpaced", action="store_true")
    parser.add_argument("--source", type=Path, default=CLIP)
    flags = parser.parse_args()
    windows = round(flags.minutes * 6)
    words = ["run", "--source", str(flags.source), "--windows", str(windows), "--json"]
    with tempfile.TemporaryDirectory() as state:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "edge.cli", *words, *(["--unpaced"] if flags.unpaced else [])],
            stdout=subprocess.PIPE,
            env={**psutil.Process().environ(), "EDGE_ENGAGE_SERVICE_STATE_DIR": state},
        )
        assert process.stdout
        first: float | None = None
        samples: list[float] = []
        faces: list[int] = []
        for line in process.stdout:  # one record a window
            first = first or time.monotonic() - began
            samples.append(psutil.Process(process.pid).memory_info().rss / 2**20)
            faces.append(json.loads(line).get("faces", 0))
        process.wait()
    settled = samples[len(samples) // 10 :]  # buffers and pools are filled in the first tenth
    print(
        json.dumps(
            {
                "minutes_of_clip": flags.minutes,
                "unpaced": flags.unpaced,
                "windows": len(samples),
                "first_record_seconds": round(first or 0, 1),
                "memory_mb": {
                    "first_window": round(samples[0], 1),
                    "settled": round(settled[0], 1),
                    "last": round(samples[-1], 1),
                    "most": round(max(samples), 1),
                    "growth_since_settled": round(settled[-1] - settled[0], 1),
                },
                "faces": {"least": min(faces), "most": max(faces)},
                "exit": process.returncode,
            }
        )
    )


if __name__ == "__main__":
    main()
