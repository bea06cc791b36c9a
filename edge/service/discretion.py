"""A process that has seen faces keeps its memory to itself, also when it dies of a fault of its own."""

from __future__ import annotations

import resource
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from types import TracebackType

__all__ = ["keep_to_itself"]


def keep_to_itself() -> None:
    """No memory in a core dump, and no value in the report of a fault."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Programs that dumps are piped to get one whatever the limit: of this process it holds no memory.
    with suppress(OSError):
        Path("/proc/self/coredump_filter").write_text("0", encoding="ascii")
    sys.excepthook = _report
    threading.excepthook = lambda fault: _report(fault.exc_type, fault.exc_value, fault.exc_traceback)
    sys.unraisablehook = lambda fault: _report(fault.exc_type, fault.exc_value, fault.exc_traceback)


def _report(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Where it happened, and of what kind. What the fault says for itself may hold an array, and is left out."""
    lines = ["edge-engage: a fault in the program:\n"]
    while True:
        lines += [*traceback.format_tb(trace), f"{kind.__module__}.{kind.__qualname__}\n"]
        error = error and (error.__cause__ or error.__context__)
        if error is None:
            break
        lines.append("which came of:\n")
        kind, trace = type(error), error.__traceback__
    sys.stderr.write("".join([*lines, "Its message is not shown: it could hold what the camera saw.\n"]))
