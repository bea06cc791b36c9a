"""What may be said of a source: all of a file's or a camera's name, and of a stream's address never its secrets."""

from __future__ import annotations

import re

__all__ = ["shown"]

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):/+(?P<place>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_HIDDEN = "***"


def shown(source: str) -> str:
    """The source as it may stand in a message, a journal or a health report.

    A stream's account and query are left out, and of its path what follows an "=": some cameras take the password
    there. Where an odd character in a password leaves open what is what, nothing but the scheme is said.
    """
    address = _ADDRESS.fullmatch(source)
    if not address:
        return source
    scheme, rest = address["scheme"], address["rest"]
    account, mark, host = address["place"].rpartition("@")
    port = host.rpartition("]")[2].partition(":")[2]
    if "@" in rest or (port and not port.isdecimal()):
        return f"{scheme}://{_HIDDEN}"
    path = re.split(r"[?#]|(?<==)", rest, maxsplit=1)[0]
    return f"{scheme}://{_HIDDEN + mark if account else ''}{host}{path}{_HIDDEN if path != rest else ''}"
