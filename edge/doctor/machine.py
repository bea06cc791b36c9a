"""The machine itself: clock, disk, memory, heat, supply."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edge.doctor.finding import Finding
from edge.service.machine import temperature_c, throttling

__all__ = ["examine"]

_HOT = 80  # degrees; a Raspberry Pi slows itself down from here on
_LEAST_DISK = 200  # MB
_LEAST_MEMORY = 200  # MB; the sensor takes up to 150


def examine(state: Path, root: Path = Path("/")) -> Iterator[Finding]:
    """`root` is where the kernel's files hang."""
    yield _disk(state)
    yield from _clock(root)
    yield from _memory(root)
    yield from _heat(root)
    yield from _supply(root)


def _disk(state: Path) -> Finding:
    try:
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state) as file:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(state).free // 10**6
    except OSError as error:
        advice = "Make room" if error.errno == 28 else "Make it writable for this user, or set service.state_dir"
        return Finding("disk", "fail", f"nothing can be kept in {state}: {error.strerror}. {advice}.")
    if free < _LEAST_DISK:
        return Finding("disk", "warn", f"{free} MB are free where {state} lies. Make room.")
    return Finding("disk", "ok", f"{state} can be written to, {free} MB are free")


def _clock(root: Path) -> Iterator[Finding]:
    mark = root / "run/systemd/timesync/synchronized"
    if mark.exists():
        yield Finding("clock", "ok", "set by the network")
    elif mark.parent.exists():
        said = "not set by the network yet, so records may bear a wrong time. Let the device reach a time server: "
        yield Finding("clock", "warn", said + "UDP port 123; `timedatectl timesync-status` says which.")


def _memory(root: Path) -> Iterator[Finding]:
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return
    if free < _LEAST_MEMORY:
        yield Finding("memory", "warn", f"{free} MB are left, the sensor takes up to 150. End what else runs here.")
    else:
        yield Finding("memory", "ok", f"{free} MB are left")


def _heat(root: Path) -> Iterator[Finding]:
    degrees = temperature_c(root)
    if degrees is not None and degrees >= _HOT:
        yield Finding("temperature", "warn", f"{degrees:.0f} °C: the processor slows down. Give it air or a heat sink.")
    elif degrees is not None:
        yield Finding("temperature", "ok", f"{degrees:.0f} °C")


def _supply(root: Path) -> Iterator[Finding]:
    now = throttling(root)
    if now:
        advice = "Use the supply made for this board, and a short cable" if "under-voltage" in now else "Cool it"
        yield Finding("supply", "fail" if "under-voltage" in now else "warn", f"{', '.join(now)}. {advice}.")
    elif now is not None:
        yield Finding("supply", "ok", "the processor runs at full speed")
