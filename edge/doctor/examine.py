"""From the configuration to a line for every part, in the order in which a person would mend them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from edge.config import Config, load, refuse_prohibited_use
from edge.doctor import broker, camera, machine, models
from edge.doctor.finding import Finding, failed
from edge.errors import Problem
from edge.service import state_folder
from edge.spool import holder

__all__ = ["doctor"]

_SHOWN = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(path: Path | None, environment: Mapping[str, str], overrides: Mapping[str, object], *, as_json: bool) -> int:
    """Print what was found; 1 if something fails."""
    findings: list[Finding] = []
    for finding in _findings(path, environment, overrides):
        findings.append(finding)
        if not as_json:
            print(f"{_SHOWN[finding.grade]}  {finding.part}: {finding.said}", flush=True)
    fails = any(finding.grade == "fail" for finding in findings)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode({"ok": not fails, "findings": findings}), indent=2).decode())
    return int(fails)


def _findings(path: Path | None, environment: Mapping[str, str], overrides: Mapping[str, object]) -> Iterator[Finding]:
    try:
        config = load(path, environment, overrides)
    except Problem as problem:
        yield failed("configuration", problem)
        return
    yield Finding("configuration", "ok", f"{path or 'the defaults'} can be read")
    yield _law(config)
    folder = state_folder(config.service.state_dir, environment)
    sensor = holder(folder)
    if sensor:
        yield Finding("sensor", "ok", f"it runs (process {sensor}), so its camera and its account are left to it")
    yield from models.examine(config)
    yield from camera.examine(config, in_use=bool(sensor))
    yield from broker.examine(config, in_use=bool(sensor))
    yield from machine.examine(folder)


def _law(config: Config) -> Finding:
    site = config.site
    try:
        refuse_prohibited_use(site.region, site.purpose)
    except Problem as problem:
        return failed("law", problem)
    if site.region is None:
        return Finding("law", "warn", "site.region is not set, so the law of this place was not checked. Set it.")
    return Finding("law", "ok", f"site.region {site.region}, purpose {site.purpose}")
