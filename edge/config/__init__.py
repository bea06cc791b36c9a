"""The configuration. `load` it once at the start, then hand each part the values it needs.

    config = load(path, os.environ, {"camera.source": flags.source, "mqtt.url": flags.mqtt})
    refuse_prohibited_use(config.site.region, config.site.purpose)

`check` is `edge-engage config check FILE`, `example` is `config example`, `show` is `config show`.
"""

from __future__ import annotations

from pathlib import Path

from edge.config.law import refuse_prohibited_use, verdict_of
from edge.config.load import load
from edge.config.secrets import password
from edge.config.sections import Config, Site
from edge.config.warnings import connection_warnings, warnings_of
from edge.config.write import example, show

__all__ = [
    "Config",
    "Site",
    "check",
    "connection_warnings",
    "example",
    "load",
    "password",
    "refuse_prohibited_use",
    "show",
    "verdict_of",
    "warnings_of",
]


def check(path: Path) -> Config:
    """Read one file on its own, as the sensor would at its start; `Problem` says all that is wrong with it."""
    config = load(path)
    refuse_prohibited_use(config.site.region, config.site.purpose)
    return config
