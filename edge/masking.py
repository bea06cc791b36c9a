"""Passwords in addresses, hidden in all that is written for people: values, the log, the traceback of a crash."""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from types import TracebackType

__all__ = ["has_password", "masked", "masked_text", "write_masked"]

# Greedy to the last @: rather too much is hidden than a part of a password with odd characters shown.
_ACCOUNT = re.compile(r"(?<=://)([^:@/]*):.*@")
# In a text an address ends with the next space, at the latest.
_IN_TEXT = re.compile(r"(?<=://)([^\s:@/]*):\S*@")


def has_password(address: str) -> bool:
    """Whether an address is of the form scheme://user:password@host."""
    return bool(_ACCOUNT.search(address))


def masked(address: str) -> str:
    """The address with *** in place of its password."""
    return _ACCOUNT.sub(r"\1:***@", address)


def masked_text(text: str) -> str:
    """The same of every address in a text."""
    return _IN_TEXT.sub(r"\1:***@", text)


class _Masking(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked_text(super().format(record))


def write_masked(form: str) -> None:
    """From now on the log, and whatever ends a thread or the program, goes to standard error without passwords."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masking(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    sys.excepthook = _tell
    threading.excepthook = _tell_of_thread


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    print(masked_text("".join(traceback.format_exception(kind, error, trace))), end="", file=sys.stderr)


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value and not isinstance(ended.exc_value, SystemExit):
        print(f"The thread {ended.thread.name if ended.thread else ''} ended:", file=sys.stderr)
        _tell(ended.exc_type, ended.exc_value, ended.exc_traceback)
