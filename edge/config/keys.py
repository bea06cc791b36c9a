"""Every key of the configuration, with its type and its words, taken from the sections."""

from __future__ import annotations

import difflib
import typing
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from edge.config.sections import Config

__all__ = ["KEYS", "Key", "nearest"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key, such as window.seconds."""

    section: str
    name: str
    kind: Any
    """The annotation that `msgspec.convert` checks a value against."""
    description: str
    expected: str
    default: Any
    example: Any

    def __str__(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"EDGE_ENGAGE_{self.section}_{self.name}".upper()


def nearest(word: str, among: typing.Iterable[str]) -> str:
    """The most similar of some names; a key put into the wrong section is recognised."""
    among = list(among)
    bare = word.rpartition(".")[2]
    namesakes = [name for name in among if name.rpartition(".")[2] == bare]
    return difflib.get_close_matches(word, namesakes or among, n=1, cutoff=0)[0]


def _expected(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.Metadata):
        return (kind.extra or {}).get("expected") or _expected(kind.type)
    if isinstance(kind, inspect.UnionType):
        return _expected(next(part for part in kind.types if not isinstance(part, inspect.NoneType)))
    match kind:
        case inspect.LiteralType():
            words = "one of " + ", ".join(f'"{value}"' for value in kind.values)
        case inspect.BoolType():
            words = "true or false"
        case inspect.IntType():
            words = f"a whole number{_limits(kind)}"
        case inspect.FloatType():
            words = f"a number{_limits(kind)}"
        case _:
            words = "text"
    return words


def _limits(kind: inspect.IntType | inspect.FloatType) -> str:
    words = {"ge": "at least", "gt": "above", "le": "at most"}
    limits = [f"{word} {getattr(kind, name)}" for name, word in words.items() if getattr(kind, name) is not None]
    return " " + " and ".join(limits) if limits else ""


def _keys() -> dict[str, Key]:
    keys: dict[str, Key] = {}
    for section in msgspec.structs.fields(Config):
        hints = typing.get_type_hints(section.type, include_extras=True)
        for field in msgspec.structs.fields(section.type):
            kind = inspect.type_info(hints[field.name])
            extra: dict[str, Any] = (kind.extra or {}) if isinstance(kind, inspect.Metadata) else {}
            schema: dict[str, Any] = (kind.extra_json_schema or {}) if isinstance(kind, inspect.Metadata) else {}
            key = Key(
                section=section.name,
                name=field.name,
                kind=hints[field.name],
                description=schema["description"],
                expected=_expected(kind),
                default=field.default,
                example=extra.get("example"),
            )
            keys[str(key)] = key
    return keys


KEYS = _keys()
