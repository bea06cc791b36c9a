"""A real Debian machine with a real systemd in a container, and the device set installed in it from this checkout."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from broker import eventually
from parts import need

__all__ = ["ROOT", "Machine", "debian", "wheels"]

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache"
SUITE, PYTHON = "bookworm", "3.11"
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv"


class Machine:
    """A Debian tree, booted; what changes in it is kept in memory only.

    It shares the network of this machine, so that it reaches a test's broker on loopback.
    """

    def __init__(self, tree: Path, wheels: Path, log: Path) -> None:
        self._log = log
        parts = ("deploy", "systemd", "edge", "train", "convert", "pyproject.toml", "README.md")
        self._nspawn = subprocess.Popen(
            [
                need("systemd-nspawn", "systemd-container"),
                *["--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe", "--volatile=overlay"],
                *(f"--bind-ro={ROOT / part}:/src/{part}" for part in (*parts, "LICENSE")),
                *(f"--bind-ro={wheels}:/wheels", f"--directory={tree}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
        )
        self._first = 0
        """The container's first process, systemd, as this machine numbers it."""
        eventually(self._started, "the container starts")
        eventually(self._booted, "the machine boots", seconds=60)

    def _started(self) -> bool:
        assert self._nspawn.poll() is None, self._log.read_text()
        for child in psutil.Process(self._nspawn.pid).children():
            # systemd-nspawn's own helpers come and go before it.
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child.pid}/comm").read_text() == "systemd\n":
                    self._first = child.pid
        return self._first != 0

    def _booted(self) -> bool:
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return state in ("running", "degraded")

    def run(self, *words: object, check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command inside, as root, with nothing of this machine's environment."""
        enter = ("nsenter", f"--target={self._first}", "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
        result = subprocess.run([*enter, *map(str, words)], input=given, capture_output=True, text=True, check=False)
        if check and result.returncode:
            log = subprocess.run([*enter, "journalctl", "-n", "40"], capture_output=True, text=True, check=False).stdout
            pytest.fail(f"{words}: {result.stdout}{result.stderr}{log}")
        return result

    def install(self, *flags: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("/src/deploy/install.sh", "--wheels", "/wheels", *flags, check=check)

    def put(self, path: str, content: str) -> None:
        self.run("sh", "-c", f"cat > {path}", given=content)

    def read(self, path: str) -> str:
        return self.run("cat", path).stdout

    def unit(self, fact: str) -> str:
        """What systemd says of the sensor's unit, such as ActiveState or MainPID."""
        return self.run("systemctl", "show", "edge-engage", "--value", "--property", fact).stdout.strip()

    def stop(self) -> None:
        # With the first process of the container, all of it ends.
        os.kill(self._first, signal.SIGKILL)
        self._nspawn.wait()


def debian() -> Path:
    """A minimal Debian tree, made once and kept."""
    program = need("mmdebstrap", "mmdebstrap")
    tree = CACHE / f"debian-{SUITE}"
    if not tree.exists():
        fresh = CACHE / f"debian-{SUITE}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.parent.mkdir(exist_ok=True)
        subprocess.run([program, "--quiet", "--variant=minbase", f"--include={PACKAGES}", SUITE, fresh], check=True)
        fresh.rename(tree)
    return tree


def wheels() -> Path:
    """The packages the device needs, for the machine's Python, downloaded once and kept."""
    lists = [ROOT / "deploy" / name for name in ("requirements-device.txt", "requirements-build.txt")]
    key = hashlib.sha256(b"".join(file.read_bytes() for file in lists)).hexdigest()[:16]
    folder = CACHE / f"wheels-{PYTHON}-{key}"
    if not folder.exists():
        fresh = folder.with_suffix(".new")
        processor = platform.machine()
        platforms = [f"manylinux_2_{minor}_{processor}" for minor in range(17, 37)] + [
            f"manylinux2014_{processor}",
            "any",
        ]
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--dest", fresh, "--require-hashes"),
                *("--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp"),
                *("--abi", f"cp{PYTHON.replace('.', '')}", "--abi", "abi3", "--abi", "none"),
                *(word for name in platforms for word in ("--platform", name)),
                *(word for file in lists for word in ("-r", file)),
            ],
            check=True,
        )
        fresh.rename(folder)
    return folder
