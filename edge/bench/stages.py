"""`edge-engage bench`: where the time of the loop goes on this machine, and what the process costs."""

from __future__ import annotations

import os
import platform
import threading
import time
from pathlib import Path

import msgspec

from edge.camera import shown
from edge.config import Config
from edge.service.machine import memory_mb
from edge.stages import STAGES, Stages
from edge.wiring import build_sensor, build_vision

__all__ = ["measure_stages"]


def measure_stages(config: Config, *, seconds: int, as_json: bool) -> int:
    """Run the real loop, a file again and again as fast as it goes, a camera at its own speed. Nothing is published."""
    stages = Stages()
    sensor = build_sensor(
        config,
        vision=build_vision(config),
        stages=stages,
        next_seq=lambda: 0,
        publish=lambda _: None,
        unpaced=True,
        repeat=True,
    )
    start_up = _since_process_start()
    enough = threading.Timer(seconds, sensor.stop)
    enough.start()
    began, cpu = time.monotonic(), time.process_time()
    try:
        sensor.run()
    finally:
        enough.cancel()  # a source that cannot be read ends it sooner
    elapsed, cpu = time.monotonic() - began, time.process_time() - cpu
    seen = sensor.vitals()
    result: dict[str, object] = {
        "machine": _machine(),
        "source": Path(shown(config.camera.source)).name,
        "model": seen.model,
        "runtime": seen.runtime,
        "threads": config.model.threads,
        "start_up_seconds": round(start_up, 2),
        "seconds": round(elapsed, 1),
        "frames": seen.frames,
        "frames_per_second": round(seen.frames / elapsed, 1),
        "faces_per_frame": round(sensor.faces / max(seen.frames, 1), 1),
        "cpu_cores_used": round(cpu / elapsed, 2),
        "memory_mb": memory_mb(),
        "milliseconds": {stage: stages.milliseconds(stage) for stage in STAGES},
    }
    print(msgspec.json.format(msgspec.json.encode(result), indent=2).decode() if as_json else _table(result))
    return 0


def _since_process_start() -> float:
    """Seconds this process has lived, by the kernel's clock, so that imports count."""
    started = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith(("model name", "Model"))
    ]
    return f"{names[-1] if names else platform.processor()}, {platform.machine()}, {os.cpu_count()} cores"


def _table(result: dict[str, object]) -> str:
    stages = result["milliseconds"]
    assert isinstance(stages, dict)
    lines = [f"{name.replace('_', ' '):20} {value}" for name, value in result.items() if name != "milliseconds"]
    lines += ["", f"{'milliseconds':12}{'p50':>10}{'p95':>10}{'p99':>10}"]
    for stage, figures in stages.items():
        lines.append(f"{stage:12}" + "".join(f"{figures.get(p, float('nan')):10.2f}" for p in ("p50", "p95", "p99")))
    return "\n".join(lines)
