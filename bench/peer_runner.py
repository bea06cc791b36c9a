"""One peer as a process of its own, in an environment of its own: a picture's name goes in, its faces come out."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["Absent", "Boxes", "Runner", "environment"]

_ROOT = Path(__file__).parents[1]
RUNNERS, CACHE = _ROOT / "bench" / "peers", _ROOT / ".cache" / "peers"
PATIENCE = 1200  # seconds an answer may take on a busy machine, imports and the first call among them
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)

Boxes = list[list[float]]


class Absent(Exception):
    """A peer could not be had or did not answer."""


class Runner:
    """A process that answers a picture's name with the faces in it."""

    def __init__(self, python: Path, script: str, words: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, it is closed with the process
        self._process = subprocess.Popen(
            [str(python), str(RUNNERS / f"{script}.py"), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **ONE_THREAD, "CUDA_VISIBLE_DEVICES": ""},
        )

    def __enter__(self) -> Runner:  # noqa: PYI034, Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def find(self, picture: Path) -> tuple[Boxes, float]:
        process = self._process
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(f"{picture}\n".encode())
            process.stdin.flush()
        except BrokenPipeError:
            raise Absent(self._last_words()) from None
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            raise Absent(f"no answer within {PATIENCE} s")
        line = process.stdout.readline()
        while line and not line.startswith(b"{"):  # a library that chatted before its runner could stop it
            line = process.stdout.readline()
        if not line:
            raise Absent(self._last_words())
        answer = json.loads(line)
        return answer["boxes"], answer["ms"]

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        return _last(self._errors.read())


def environment(runner: str) -> Path:
    """The python of the peer's own environment, made or brought up to date."""
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    folder = CACHE / runner
    made = subprocess.run(
        [uv, "sync", "--quiet", "--active", "--script", str(RUNNERS / f"{runner}.py")],
        env={**os.environ, "VIRTUAL_ENV": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if made.returncode:
        raise Absent(f"cannot be installed: {_last(made.stderr)}")
    return folder / "bin" / "python"


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it ended without a word"])[-1].strip()
