"""Everything that a configuration names is there, may be read, and is what it should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from edge.broker import broker_of
from edge.camera import is_live, shown
from edge.config import Config
from edge.errors import Problem
from edge.keys import private_key, public_key
from edge.wiring import build_vision, engagement_bundle

__all__ = ["check_files"]


def check_files(config: Config) -> None:
    """One `Problem` with all that is wrong; read as the user who asks."""
    looks: tuple[Callable[[Config], object], ...] = (_source, broker_of, _keys, build_vision, engagement_bundle)
    if wrong := [said for look in looks if (said := _wrong(look, config))]:
        raise Problem("\n".join(wrong))


def _wrong(look: Callable[[Config], object], config: Config) -> str:
    try:
        look(config)
    except Problem as problem:
        return str(problem)
    return ""


def _source(config: Config) -> None:
    """A camera or a stream may come later; a file or a folder is there or is not."""
    spec = config.camera.source
    if not is_live(spec) and "://" not in spec and not Path(spec).exists():
        raise Problem(f"There is no file or folder {shown(spec)}. Check camera.source.")


def _keys(config: Config) -> None:
    if config.mqtt.command_key:
        public_key(Path(config.mqtt.command_key), "mqtt.command_key")
    if config.dashboard.signing_key:
        private_key(Path(config.dashboard.signing_key))
