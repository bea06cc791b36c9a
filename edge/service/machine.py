"""How the machine is: memory, temperature, throttling. What cannot be known here is None."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["memory_mb", "temperature_c", "throttling"]

# The bits of the Raspberry Pi's firmware that speak of now; the same, 16 higher, speak of since boot.
_NOW = {0: "under-voltage", 1: "frequency capped", 2: "throttled", 3: "soft temperature limit"}


def memory_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def temperature_c(root: Path = Path("/")) -> float | None:
    """The hottest of the processor's sensors."""
    numbers = (_number(file, 10) for file in root.glob("sys/class/thermal/thermal_zone*/temp"))
    # A zone that is switched off cannot be read or says something below freezing.
    degrees = [number / 1000 for number in numbers if number and number > 0]
    return round(max(degrees), 1) if degrees else None


def throttling(root: Path = Path("/")) -> tuple[str, ...] | None:
    """What slows a Raspberry Pi down now, such as under-voltage; None on other machines."""
    for file in root.glob("sys/devices/platform/soc*/*firmware/get_throttled"):
        bits = _number(file, 16)
        if bits is not None:
            return tuple(word for bit, word in _NOW.items() if bits >> bit & 1)
    return None


def _number(file: Path, base: int) -> int | None:
    try:
        return int(file.read_text(encoding="ascii"), base)
    except (OSError, ValueError):
        return None
