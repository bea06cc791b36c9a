"""A copy of the house in which faults are made and its tests run, each time in a fresh process with warm imports."""

from __future__ import annotations

import compileall
import contextlib
import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple

__all__ = ["Limits", "Run", "Workshop"]

# Slow to import and none of ours: loaded once, before the first fork.
_WARM = ("pytest", "_pytest.assertion.rewrite", "hypothesis", "numpy", "cv2", "msgspec", "ai_edge_litert.interpreter")
_LEFT = (".git", ".venv*", "__pycache__", "*.egg-info", ".*cache", ".hypothesis", "runs", "build", "dist", "weights")
# Quick: the first failure is enough and needs no words, and examples are few, and the same for every fault.
_OPTIONS = (
    *("-x", "-q", "--assert=plain", "-W", "ignore", "--hypothesis-profile=mutants"),
    *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:anyio", "-p", "no:nicegui"),
)


class Limits(NamedTuple):
    """Seconds a run may take, or took. Others who crowd the machine cost time by the clock, none of the processor's."""

    wall: float
    processor: float


class Run(NamedTuple):
    outcome: Literal["passed", "failed", "took too long"]
    took: Limits


class Workshop:
    def __init__(self, root: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mutants-")
        self.root = Path(self._folder.name) / root.name
        shutil.copytree(root, self.root, ignore=shutil.ignore_patterns(*_LEFT), symlinks=True)
        compileall.compile_dir(self.root, quiet=2, maxlevels=20)
        for name in _WARM:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

    def __enter__(self) -> Workshop:  # noqa: PYI034 - typing has Self from 3.11 on only
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    @property
    def said(self) -> str:
        """What the tests printed last."""
        return (self.root.parent / "said").read_text(encoding="utf-8", errors="replace")

    def with_fault(self, file: Path, source: str, tests: Sequence[Path], limits: Limits) -> Run:
        """The tests with `source` as this file's; the file is mended afterwards."""
        at = self.root / file
        sound = at.read_text(encoding="utf-8")
        at.write_text(source, encoding="utf-8")
        try:
            return self.run(tests, limits)
        finally:
            at.write_text(sound, encoding="utf-8")

    def run(self, tests: Sequence[Path], limits: Limits) -> Run:
        """Run tests until the first fails, and kill them with all they started when it takes too long."""
        began = time.monotonic()
        child = os.fork()
        if child == 0:
            self._run_here(tests, limits)
        while time.monotonic() < began + limits.wall:
            ended, status, used = os.wait4(child, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                outcome = "passed" if code == 0 else "took too long" if code == -signal.SIGXCPU else "failed"
                return Run(outcome, Limits(time.monotonic() - began, used.ru_utime + used.ru_stime))
            time.sleep(0.01)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return Run("took too long", limits)

    def _run_here(self, tests: Sequence[Path], limits: Limits) -> None:
        """In the child, which never returns."""
        code = 1
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (ceil(limits.processor), ceil(limits.processor) + 5))
            said = os.open(self.root.parent / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
            os.chdir(self.root)
            # A module compiled within the second it was changed in would pass for the sound one.
            sys.dont_write_bytecode = True
            os.environ.update(PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=str(self.root))
            sys.path.insert(0, str(self.root))
            import pytest

            code = int(pytest.main([*_OPTIONS, *map(str, tests)]))
        finally:
            os._exit(code)
