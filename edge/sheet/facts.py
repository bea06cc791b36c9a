"""What is processed, why, for how long and where it goes, taken from the configuration that is in force."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import msgspec

from edge.config import Config, verdict_of, warnings_of
from edge.model.bundle import MODEL, Bundle
from edge.publish import Topics, parse
from edge.service import state_folder
from edge.wiring import detector_bundle, engagement_bundle, judged_from

__all__ = ["Kept", "Law", "Network", "Recipient", "Sheet", "Threshold", "sheet_of"]


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """The gate of the EU AI Act, Article 5(1)(f)."""

    region: str | None
    purpose: str
    verdict: str
    starts: bool
    """Whether the sensor starts at all."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of data: where it is, how long, and whether it may leave the room."""

    data: str
    where: str
    how_long: str
    leaves: bool


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between a class and a figure."""

    k: int
    change: int
    settle_minutes: float
    epsilon: float | None
    """Noise: the loss of a window; null while it is off."""
    epsilon_lesson: float | None
    epsilon_day: float | None
    window_seconds: int
    smallest_judged: int
    """Height in pixels; smaller faces are counted and not judged."""
    orientation: bool


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    broker: str | None
    """null: nothing is sent; records are printed."""
    encrypted: bool
    account: str | None
    topic: str
    retained_seconds: int


class Network(msgspec.Struct, frozen=True, kw_only=True):
    role: str
    name: str
    sha256: str
    licence: str
    origin: str
    intended_use: str


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    program: str
    site: str
    room: str
    law: Law
    lessons: str
    camera: str
    data: tuple[Kept, ...]
    threshold: Threshold
    recipient: Recipient
    commands_signed: bool
    networks: tuple[Network, ...]
    warnings: tuple[str, ...]


def sheet_of(config: Config, environment: Mapping[str, str]) -> Sheet:
    privacy, site = config.privacy, config.site
    noisy = privacy.epsilon is not None
    # Without its password: whoever prints a sheet need not be able to read it.
    address = parse(config.mqtt.url, username=config.mqtt.username) if config.mqtt.url else None
    judging = engagement_bundle(config)
    folder = state_folder(config.service.state_dir, environment)
    verdict = verdict_of(site.region, site.purpose)
    lessons = config.schedule.lessons
    return Sheet(
        program=f"edge-engage {version('edge-engage')}",
        site=site.site,
        room=site.room,
        law=Law(region=site.region, purpose=site.purpose, verdict=verdict.words, starts=verdict.starts),
        lessons=f"{lessons} ({config.schedule.zone or 'the time of the machine'})" if lessons else "always",
        camera=f"{config.camera.width}x{config.camera.height}, {config.camera.fps:g} frames a second",
        data=tuple(_data(config, folder, address is not None)),
        threshold=Threshold(
            k=privacy.k,
            change=privacy.change,
            settle_minutes=privacy.settle_minutes,
            epsilon=privacy.epsilon,
            epsilon_lesson=privacy.epsilon_lesson if noisy else None,
            epsilon_day=privacy.epsilon_day if noisy else None,
            window_seconds=config.window.seconds,
            smallest_judged=judged_from(config, judging),
            orientation=config.vision.orientation,
        ),
        recipient=Recipient(
            broker=str(address) if address else None,
            encrypted=bool(address and address.tls),
            account=address.username if address else None,
            topic=Topics(site.site, site.room).base,
            retained_seconds=3 * config.window.seconds,
        ),
        commands_signed=config.mqtt.command_key is not None,
        networks=(
            _network("finds faces", detector_bundle(config)),
            _network("judges engagement", judging),
        ),
        warnings=warnings_of(config),
    )


def _data(config: Config, folder: Path, sent: bool) -> list[Kept]:
    seconds, days, mib = config.window.seconds, config.spool.most_days, config.spool.most_mib
    spool = f"until the broker has it, {days} days and {mib} MiB at most" if sent else "not kept"
    kept = [
        _in_memory("pictures", "until the next one was looked at"),
        _in_memory("faces cut out, and the network's answer to each", "a moment"),
        _in_memory("sums for each face, under a number that means nothing elsewhere", f"a window of {seconds} s"),
        _in_memory("the last picture's sums over everybody", "two seconds"),
        Kept(data="one record a window, of the whole class", where=f"{folder}/spool.db", how_long=spool, leaves=True),
        Kept(data="health of the machine", where="memory", how_long="until the next one", leaves=sent),
        _on_disk("the number of the next record", folder / "seq", "for ever"),
        _on_disk("whether a pause was asked for", folder / "paused", "until resumed"),
    ]
    if config.privacy.change > 1:
        long = f"{config.privacy.settle_minutes:g} minutes"
        kept.append(_on_disk("how many people were judged in windows told of", folder / "company", long))
    if config.privacy.epsilon is not None:
        kept.append(_on_disk("when noise was used, and how much of its budget", folder / "budget", "24 hours"))
    return kept


def _in_memory(data: str, how_long: str) -> Kept:
    return Kept(data=data, where="memory", how_long=how_long, leaves=False)


def _on_disk(data: str, file: Path, how_long: str) -> Kept:
    return Kept(data=data, where=str(file), how_long=how_long, leaves=False)


def _network(role: str, bundle: Bundle) -> Network:
    card = bundle.card
    return Network(
        role=role,
        name=card.name,
        sha256=card.files[MODEL],
        licence=card.licence,
        origin=card.origin,
        intended_use=card.intended_use,
    )
