"""Written beside its place first and moved there when it is finished, so that no half of a file ever has its name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from edge.errors import Problem

__all__ = ["whole", "write_json"]


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path of the same ending to write to; its folder is made. A full disk is a Problem that names the file."""
    if path.is_char_device() or path.is_fifo():
        yield path  # nothing may take the place of /dev/stdout
        return
    half = path.with_name(f"{path.stem}.part-{os.getpid()}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield half
        with half.open("rb") as file:
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise Problem(f"{path} could not be written: {error.strerror or error}.") from None
    finally:
        # Where there is no folder there is no half file either.
        with suppress(OSError):
            half.unlink()


def write_json(path: Path, content: Any) -> None:
    """For people too: indented. What is no number becomes null, as JSON knows no NaN."""
    with whole(path) as half:
        half.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
