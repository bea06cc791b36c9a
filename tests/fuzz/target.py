"""One reader of what others wrote, fed with anything: it may refuse with a `Problem`, and raise nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.errors import Problem

__all__ = ["CORPUS", "Target", "Tree"]

CORPUS = Path(__file__).parent / "corpus"
_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Target:
    """`read` takes bytes of any kind; `seeds` are good ones to begin with."""

    name: str
    read: Callable[[bytes], object]
    seeds: Sequence[bytes]

    def attempt(self, data: bytes) -> None:
        with suppress(Problem):
            self.read(data)

    def found_before(self) -> list[Path]:
        """What once made it fail."""
        return sorted((CORPUS / self.name).glob("*"))


class Tree:
    """A folder of good files, of which one at a time is replaced. The first byte of the data says which."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._good = list(files.items())
        self._kept: tempfile.TemporaryDirectory[str] | None = None

    @property
    def folder(self) -> Path:
        """Made when it is first needed: a fuzzer's process has one of its own, and takes it along when it ends."""
        if self._kept is None:
            self._kept = tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)
            for name, content in self._good:
                self._write(name, content)
        return Path(self._kept.name)

    def seeds(self, *names: str) -> list[bytes]:
        """The good content of these files, or of all."""
        return [bytes([at]) + content for at, (name, content) in enumerate(self._good) if not names or name in names]

    def given(self, data: bytes, read: Callable[[Path], object]) -> None:
        name, good = self._good[data[0] % len(self._good) if data else 0]
        self._write(name, data[1:])
        try:
            read(self.folder)
        finally:
            self._write(name, good)

    def _write(self, name: str, content: bytes) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o600)  # a configuration may hold a password
