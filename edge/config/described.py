"""What the sections of the configuration are written with: a section, a described key, a few kinds of value."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.masking import masked

__all__ = ["FILE_EXPECTED", "NAME", "NAME_EXPECTED", "Positive", "Section", "Text", "described"]


def described(what: str, expected: str = "", example: object = None) -> Meta:
    """A key's description, what a person should have written, and an example where there is no default."""
    extra = {key: value for key, value in (("expected", expected), ("example", example)) if value}
    return Meta(description=what, extra=extra or None)


NAME = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
NAME_EXPECTED = "a name of up to 64 letters, digits, - and _ (it becomes a part of the topic)"
Positive = Annotated[float, Meta(gt=0)]
Text = Annotated[str, Meta(min_length=1)]
FILE_EXPECTED = "the path of a file"


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    def __repr__(self) -> str:
        """For messages and tracebacks; never holds a password."""
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return f"{type(self).__name__}({', '.join(f'{name}={masked(repr(value))}' for name, value in values)})"
