"""The topics of one room: edge-engage/v1/<site>/<room>/..."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.errors import Problem

__all__ = ["Topics"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Topics:
    site: str
    room: str

    def __post_init__(self) -> None:
        for what, name in (("site", self.site), ("room", self.room)):
            if not _NAME.fullmatch(name):
                raise Problem(
                    f'The {what} is "{name}". Expected: up to 64 letters, digits, - and _, no space and no slash.'
                )

    @property
    def base(self) -> str:
        return f"edge-engage/v1/{self.site}/{self.room}"

    @property
    def engagement(self) -> str:
        return f"{self.base}/engagement"

    @property
    def availability(self) -> str:
        return f"{self.base}/availability"

    @property
    def health(self) -> str:
        return f"{self.base}/health"

    @property
    def command(self) -> str:
        return f"{self.base}/command"

    @property
    def state(self) -> str:
        return f"{self.base}/state"
