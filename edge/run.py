"""`edge-engage run`: one room, from its configuration to its last record."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from edge.aggregate.record import Aggregate, Measured, encode, mended
from edge.broker import broker_of
from edge.config import Config, refuse_prohibited_use, warnings_of
from edge.duties import Duties
from edge.keys import public_key
from edge.publish import Outbox, Publisher, Seal, Topics
from edge.service import Notifier, Pause, keep_to_itself, on_stop_signal, state_folder
from edge.spool import Spool, hold
from edge.stages import Stages
from edge.timeline import Clock
from edge.wiring import build_sensor, build_vision

__all__ = ["run"]

_log = logging.getLogger(__name__)


def run(
    config: Config,
    *,
    must_open: bool = False,
    unpaced: bool = False,
    windows: int | None = None,
    as_json: bool = False,
) -> int:
    """With `must_open`, a camera that is not there at the start ends it; otherwise it is waited for."""
    keep_to_itself()
    refuse_prohibited_use(config.site.region, config.site.purpose)
    warnings = warnings_of(config)
    for warning in warnings:
        _log.warning(warning)
    notifier = Notifier(os.environ)
    with ExitStack() as stack:
        folder = state_folder(config.service.state_dir, os.environ)
        stack.enter_context(hold(folder))
        spool, pause = stack.enter_context(_spool(config, folder)), Pause(folder)
        publisher = _publisher(config, spool, folder)

        def tell(record: Aggregate) -> None:
            if publisher:
                publisher.engagement(encode(record))
            else:
                spool.skip()
            if as_json or not publisher:
                print(encode(record).decode() if as_json else _line(record), flush=True)

        stages = Stages()
        sensor = build_sensor(
            config,
            vision=build_vision(config),
            stages=stages,
            next_seq=spool.next_seq,
            publish=tell,
            state=folder,
            must_open=must_open,
            lesson=_lesson(config),
            mend=lambda by: _mend(spool, by),
            unpaced=unpaced,
            repeat=windows is not None,
        )
        if pause.asked:
            sensor.pause()
            _log.warning("Paused, as it was before. The camera stays closed until it is resumed (%s).", pause.file)
        if publisher:
            publisher.state("paused" if sensor.vitals().paused else "starting")
            publisher.start()
        else:
            _log.info("No broker is configured (--mqtt URL or mqtt.url): records are printed and go nowhere else.")
        duties = Duties(
            sensor,
            stages,
            notifier,
            publisher,
            spool,
            pause,
            every=config.service.health_seconds,
            clock=Clock(),
            site=config.site,
            warnings=warnings,
        )
        on_stop_signal(sensor.stop)
        stack.callback(notifier.stopping)
        try:
            sensor.run(windows=windows, tick=duties)
        finally:
            undelivered = publisher.close() if publisher else 0
    if problem := sensor.vitals().problem:
        _log.error(problem)
        return 2
    return 3 if undelivered else 0


def _lesson(config: Config) -> Callable[[], bool]:
    timetable = config.schedule.timetable()
    return (lambda: timetable.lesson(time.time())) if timetable else lambda: True


def _mend(spool: Spool, by: float) -> None:
    _log.info(
        "The clock is known to be right now; by it, records were told %+.1f s off. Those that wait are mended.", -by
    )
    spool.mend(lambda record: mended(record, by))


def _spool(config: Config, folder: Path) -> Spool:
    return Spool(folder, most_bytes=config.spool.most_mib << 20, most_seconds=config.spool.most_days * 86400)


def _publisher(config: Config, outbox: Outbox, folder: Path) -> Publisher | None:
    address = broker_of(config)
    if address is None:
        return None
    topics = Topics(config.site.site, config.site.room)
    expires = 3 * config.window.seconds
    seal = None
    if config.mqtt.command_key:
        key = public_key(Path(config.mqtt.command_key), "mqtt.command_key")
        seal = Seal(topics.command, key, folder / "last-command")
    return Publisher(
        address,
        topics,
        expires=expires,
        client_id=config.mqtt.client_id,
        outbox=outbox,
        seal=seal,
        catch_up=config.spool.catch_up,
    )


def _line(record: Aggregate) -> str:
    """A record as people like to read it."""
    when = record.start[11:19]
    if not isinstance(record, Measured):
        why = {
            "suppressed": f"fewer than {record.privacy.k} faces on average, or a few came or went: nothing is told",
            "paused": "paused",
            "blind": "blind: no picture, too dark, or the lens is covered",
        }
        return f"{when}  {why[record.status]}"
    levels = record.levels
    return (
        f"{when}  {record.faces} faces, {record.judged} judged, engaged {record.engaged:.2f}{_sure(record)} "
        f"(low {levels.low:.2f}, mid {levels.mid:.2f}, high {levels.high:.2f}), {record.coverage:.0%} of the room seen"
    )


def _sure(record: Measured) -> str:
    known = record.engaged_low is not None and record.engaged_high is not None
    return f" [{record.engaged_low:.2f}, {record.engaged_high:.2f}]" if known else ""
