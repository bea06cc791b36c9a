"""From a file, the environment and flags to one checked `Config`, or to messages a person can act on.

Order: defaults < file < environment < flags. Everything wrong is reported at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec

from edge.config.keys import KEYS, nearest
from edge.config.secrets import PASSWORD_VARIABLE
from edge.config.sections import Config
from edge.disk import openness
from edge.errors import Problem
from edge.masking import has_password

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["load"]


@dataclass(frozen=True, slots=True)
class _Setting:
    key: str
    value: Any
    where: Callable[[], str]
    """Says where it was written; late, because finding a line takes time."""
    written_as_text: bool = False


def load(
    path: Path | None = None, environment: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Config:
    """The configuration in force.

    `environment` is usually `os.environ`: EDGE_ENGAGE_MQTT_URL sets mqtt.url, and so on.
    `overrides` are the command line's, by key: {"mqtt.url": "mqtt://broker"}; None means not given.
    """
    problems: list[str] = []
    sections: dict[str, dict[str, Any]] = {}
    for setting in [
        *(_from_file(path, problems) if path else ()),
        *_from_environment(environment or {}, problems),
        *_from_flags(overrides or {}, problems),
    ]:
        key = KEYS.get(setting.key)
        if key is None:
            guess = nearest(setting.key, KEYS)
            problems.append(f'{setting.where()}: there is no key "{setting.key}". The nearest is "{guess}".')
            continue
        try:
            value = msgspec.convert(setting.value, key.kind, strict=not setting.written_as_text)
        except msgspec.ValidationError:
            got = _shown(setting.value)
            problems.append(f"{setting.where()}: {key} is {got}. Expected: {key.expected}.")
            continue
        sections.setdefault(key.section, {})[key.name] = value
    if problems:
        raise Problem("\n".join(problems))
    try:
        return msgspec.convert(sections, Config)
    except msgspec.ValidationError as error:
        raise Problem(f"{path or 'Configuration'}: {str(error).partition(' - at ')[0]}") from None


def _from_file(path: Path, problems: list[str]) -> Iterator[_Setting]:
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise Problem(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Problem(f"The configuration {path} is no UTF-8 text. Save it as UTF-8.") from None
    except (ValueError, RecursionError) as error:  # the parser's own kind, or a number or nesting beyond all bounds
        raise Problem(f"{path} is no valid TOML: {error}.") from None
    for section, content in table.items():
        if isinstance(content, dict) and section in Config.__struct_fields__:
            for name in cast("dict[str, Any]", content):
                yield _Setting(f"{section}.{name}", content[name], lambda s=section, n=name: _line(path, text, s, n))
        elif isinstance(content, dict):
            guess = nearest(section, Config.__struct_fields__)
            problems.append(f'{_line(path, text, section)}: there is no section "{section}". The nearest is "{guess}".')
        elif section in Config.__struct_fields__:
            problems.append(
                f"{_line(path, text, section)}: {section} is a section. Write [{section}] and its keys below."
            )
        else:
            yield _Setting(section, content, lambda s=section: _line(path, text, s))
    if _holds_password(table) and (said := openness(path, "a password")):
        problems.append(said)


def _holds_password(table: dict[str, Any]) -> bool:
    values = (value for content in table.values() if isinstance(content, dict) for value in content.values())
    return any(isinstance(value, str) and has_password(value) for value in values)


def _line(path: Path, text: str, *keys: str) -> str:
    """Where a key stands. TOML parsers keep no positions, so parse ever longer beginnings until it appears."""
    lines = text.splitlines(keepends=True)
    start = 1
    for end in range(1, len(lines) + 1):
        try:
            found: Any = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue  # within a value of several lines
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if found is not None:
            break
        start = end + 1
    return f"{path}, line {start}"


def _from_environment(environment: Mapping[str, str], problems: list[str]) -> Iterator[_Setting]:
    known = {key.variable: name for name, key in KEYS.items()}
    for variable, value in environment.items():
        if variable in known:
            yield _Setting(known[variable], value, lambda v=variable: f"Environment, {v}", written_as_text=True)
        elif variable.startswith("EDGE_ENGAGE_") and variable != PASSWORD_VARIABLE:
            guess = nearest(variable, [*known, PASSWORD_VARIABLE])
            problems.append(f"Environment: {variable} sets nothing. The nearest is {guess}.")


def _from_flags(overrides: Mapping[str, Any], problems: list[str]) -> Iterator[_Setting]:
    for key, value in overrides.items():
        if isinstance(value, str) and has_password(value):
            problems.append(
                f"Command line: the address for {key} holds a password, which everyone on this machine can see there. "
                + (
                    f"Leave it out, and give it in {PASSWORD_VARIABLE} or in a file that mqtt.password_file names."
                    if key == "mqtt.url"
                    else f"Write the address in the configuration file, or in {KEYS[key].variable}."
                )
            )
        elif value is not None:
            yield _Setting(key, value, lambda: "Command line", written_as_text=isinstance(value, str))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return '"***"' if has_password(value) else f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)
