"""The parts of the page as HTML and SVG. Everything a broker said is escaped on its way in."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from html import escape

from edge.dashboard.rooms import HISTORY, STEP, Condition, Record, Room

__all__ = ["STATUS", "chart", "facts", "figure", "health", "levels", "status", "why"]

STATUS: dict[Condition, tuple[str, str]] = {
    "ok": ("Live", ""),
    "suppressed": ("Too few faces", "Fewer than {k} people are in view. To protect them, nothing is shown."),
    "paused": ("Paused", "The camera is closed. Nobody is watched{until}."),
    "starting": ("Starting", "The sensor waits for its camera. Nobody is watched yet."),
    "resumed": ("Watching", "The class is watched. The first figure comes with the end of this window."),
    "blind": ("No view", "The camera sees nothing: it is too dark, covered or unplugged."),
    "stale": ("Silent", "The sensor is connected, but no record came for a while."),
    "offline": ("Offline", "The sensor is switched off or cannot reach the broker."),
    "unheard": (
        "Waiting",
        "Nothing was heard yet of what the sensor does now. Once it watches, a record comes every window.",
    ),
}
_LEVELS = (("low", "Low"), ("mid", "Middle"), ("high", "High"))
_NONE = "–"  # noqa: RUF001 - a dash where a figure would stand
_CALM = 60.0  # seconds over which the strong line is averaged
_LONGEST = 300  # letters of anything a sensor says about itself
_MOST_WARNINGS = 5
_SHORTEST = 300.0  # seconds the chart shows at least


def status(condition: Condition) -> str:
    return f'<span class="pill {condition}" role="status"><i></i>{STATUS[condition][0]}</span>'


def figure(room: Room, condition: Condition) -> str:
    """The big number on its arc, or in words why there is none."""
    record = room.record
    if condition != "ok" or record is None or record.engaged is None:
        return f'<div class="rest {condition}"><b>{STATUS[condition][0]}</b><p>{why(room, condition)}</p></div>'
    value = record.engaged
    length = math.pi * 90
    return (
        f'<div class="gauge" role="img" aria-label="Engagement now: {value:.0%}">'
        '<svg viewBox="0 0 220 122" aria-hidden="true">'
        '<path class="track" d="M20 110a90 90 0 0 1 180 0"/>'
        f'<path class="value" d="M20 110a90 90 0 0 1 180 0" stroke-dasharray="{value * length:.1f} {length:.1f}"/>'
        f"</svg><b>{100 * value:.0f}</b><span>of 100{_sure(record)}</span></div>"
    )


def why(room: Room, condition: Condition) -> str:
    """Why there is no figure, in a sentence or two."""
    k = room.record.privacy.k if room.record else 0
    by = room.health.paused_by if room.health else None
    until = {"command": " until you resume", "schedule": " until the next lesson"}.get(by or "", "")
    return STATUS[condition][1].format(k=k, until=until)


def _sure(record: Record) -> str:
    """Between which figures the truth lies eight times out of ten."""
    if record.engaged_low is None or record.engaged_high is None:
        return ""
    low, high = (min(max(end, 0), 1) for end in (record.engaged_low, record.engaged_high))
    return f", likely {100 * low:.0f} to {100 * high:.0f}"


def levels(room: Room, condition: Condition) -> str:
    """How the class is spread over the three levels."""
    shares = room.record.levels if room.record and condition == "ok" else None
    if shares is None:
        return '<p class="none">Shown while there is a live figure.</p>'
    parts = [(key, name, getattr(shares, key)) for key, name in _LEVELS]
    bar = "".join(f'<i class="{key}" style="flex-grow:{share:.3f}"></i>' for key, _, share in parts)
    keys = "".join(f'<li class="{key}"><i></i>{name}<b>{share:.0%}</b></li>' for key, name, share in parts)
    return f'<div class="bar" aria-hidden="true">{bar}</div><ul class="keys">{keys}</ul>'


def facts(room: Room, condition: Condition, now: float) -> str:
    record = room.record
    live = record if condition == "ok" else None
    rows = (
        ("Faces in view", f"{live.faces}" if live and live.faces is not None else _NONE),
        ("Judged, as large enough", f"{live.judged}" if live and live.judged is not None else _NONE),
        ("Room seen", f"{live.coverage:.0%}" if live and live.coverage is not None else _NONE),
        ("Last record", _ago(now - room.heard) if record else _NONE),
    )
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)


def health(room: Room) -> str:
    """One line for whoever looks after the sensor."""
    said = room.health
    if said is None:
        return "No health report yet"
    parts = (
        None if said.camera == "ok" else f"Camera {said.camera}",
        None if said.fps is None else f"{said.fps:g} frames a second",
        None if said.detector_ms is None else f"detector {said.detector_ms:.0f} ms",
        None if said.temperature_c is None else f"{said.temperature_c:.0f} °C",
        f"throttled: {', '.join(said.throttling)}" if said.throttling else None,
        f"{said.waiting_records} records wait for the broker" if said.waiting_records > 1 else None,
        said.model,
        said.version and f"version {said.version}",
        *said.warnings[:_MOST_WARNINGS],
        said.last_error,
    )
    return " · ".join(escape(part[:_LONGEST]) for part in parts if part)


def chart(room: Room, now: float) -> str:
    """The last lesson as a line; stretches without figures are grey. `now` is Unix time."""
    records = room.history
    now = max(now, records[-1].end) if records else now
    begin = max(now - HISTORY, min(records[0].begin if records else now, now - _SHORTEST))
    span = now - begin

    def x(at: float) -> float:
        return 1000 * (at - begin) / span

    withheld = "".join(
        f'<rect x="{x(r.begin):.1f}" width="{1000 * max(r.seconds, STEP) / span + 1:.1f}" y="0" height="100"/>'
        for r in records
        if r.engaged is None
    )
    lines = areas = ""
    for run in _runs(records):
        across = [x(r.end - r.seconds / 2) for r in run]
        values = [r.engaged or 0.0 for r in run]
        smooth = _points(across, _calmed(values, reach=round(_CALM / max(run[0].seconds, STEP) / 2)))
        lines += f'<polyline class="raw" points="{_points(across, values)}"/><polyline points="{smooth}"/>'
        areas += f'<polygon points="{across[0]:.1f},100 {smooth} {across[-1]:.1f},100"/>'
    said = [r.engaged for r in records if r.engaged is not None]
    words = f"from {min(said):.0%} to {max(said):.0%}, now {said[-1]:.0%}" if said else "no figures yet"
    grid = "".join(f'<line x1="0" x2="1000" y1="{y}" y2="{y}"/>' for y in (0, 50, 100))
    return (
        f'<div class="plot" role="img" aria-label="Engagement over the last lesson: {words}">'
        '<svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<g class="grid">{grid}</g><g class="withheld">{withheld}</g>'
        f'<g class="area">{areas}</g><g class="line">{lines}</g></svg>'
        '<span class="y" style="top:0">100</span><span class="y" style="top:50%">50</span>'
        f'<span class="y" style="top:100%">0</span>{_hours(begin, now)}</div>'
        + (
            '<p class="note">Grey: nothing was shown, because of too few faces, a pause or no view.</p>'
            if withheld
            else ""
        )
    )


def _points(across: list[float], values: list[float]) -> str:
    # Twice the first, so that a lone point is drawn as a dot.
    pairs = [f"{x:.1f},{100 - 100 * value:.1f}" for x, value in zip(across, values, strict=True)]
    return " ".join([pairs[0], *pairs])


def _calmed(values: list[float], reach: int) -> list[float]:
    """Each value averaged with `reach` neighbours on both sides, fewer at the ends."""
    near = (values[max(0, at - reach) : at + reach + 1] for at in range(len(values)))
    return [sum(part) / len(part) for part in near]


def _runs(records: Iterable[Record]) -> Iterable[list[Record]]:
    """Stretches of records with figures that follow on one another."""
    run: list[Record] = []
    for record in records:
        if run and (record.engaged is None or record.begin - run[-1].end > max(record.seconds, STEP)):
            yield run
            run = []
        if record.engaged is not None:
            run.append(record)
    if run:
        yield run


def _hours(begin: float, end: float) -> str:
    """Times of day under the chart, on round minutes."""
    step = next(step for step in (60, 120, 300, 600, 900) if (end - begin) / step <= 6)
    marks = [step * n for n in range(math.ceil(begin / step), int(end // step) + 1)]
    return "".join(
        f'<span class="x" style="left:{100 * (at - begin) / (end - begin):.2f}%">'
        f"{time.strftime('%H:%M', time.localtime(at))}</span>"
        for at in marks
    )


def _ago(seconds: float) -> str:
    if seconds < 90:
        return f"{max(0, seconds):.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 5400 else f"{seconds / 3600:.0f} h ago"
