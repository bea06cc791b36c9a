"""What was found of one part, and what a person can do about it."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Finding", "Grade", "failed"]

Grade = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True):
    part: str
    grade: Grade
    said: str
    """What is so, and where it is not ok what to do."""


def failed(part: str, problem: Exception) -> Finding:
    return Finding(part, "fail", str(problem))
