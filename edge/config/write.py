"""The configuration as TOML for people: the commented example, and what is in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from edge.config.keys import KEYS
from edge.config.secrets import password
from edge.config.sections import Config
from edge.masking import masked

__all__ = ["example", "show"]


def example() -> str:
    """A configuration file with every key, its meaning and its default. Loading it changes nothing."""
    lines = [
        "# edge-engage configuration. Every key may be left out; what stands here are the defaults.",
        "# Each key can also be set in the environment: window.seconds is EDGE_ENGAGE_WINDOW_SECONDS.",
    ]
    for section in msgspec.structs.fields(Config):
        lines += ["", f"# {section.type.__doc__}", f"[{section.name}]"]
        for key in KEYS.values():
            if key.section == section.name:
                lines.append(f"# {key.description} Expected: {key.expected}.")
                # A key without a default stands as a comment.
                unset = key.default is None
                lines.append(f"{'# ' if unset else ''}{key.name} = {_toml(key.example if unset else key.default)}")
    return "\n".join(lines) + "\n"


def show(config: Config, environment: Mapping[str, str]) -> str:
    """What is in force, as TOML, without any secret."""
    lines: list[str] = []
    values = config.keys()
    for section in config.__struct_fields__:
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for name, key in KEYS.items():
            if key.section == section:
                value = values[name]
                lines.append(f"# {key.name} is not set" if value is None else f"{key.name} = {_toml(value)}")
        if section == "mqtt":
            lines.append(f"# password: {'***' if password(config.mqtt, environment) else 'none'}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A scalar in TOML, which writes strings, numbers and booleans as JSON does."""
    return json.dumps(masked(value) if isinstance(value, str) else value, ensure_ascii=False)
