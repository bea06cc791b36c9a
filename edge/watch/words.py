"""What is shown, as lines of text. Everything a broker said is made printable on its way in."""

from __future__ import annotations

import time
from collections.abc import Sequence

from edge.dashboard.drawing import STATUS, why
from edge.dashboard.rooms import HISTORY, Condition, Record, Room

__all__ = ["many", "one", "printable"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_REASONS = {"suppressed": "s", "paused": "p", "blind": "b"}
_LEGEND = "s: too few faces   p: paused   b: no view"
_NEEDY: tuple[Condition, ...] = (
    *("offline", "blind", "starting", "stale", "unheard", "paused", "resumed", "suppressed", "ok"),
)
"""Who needs a person comes first. Never by the figure: rooms are not to be ranked."""
_TALLEST = 8
_NONE = "–"  # noqa: RUF001 - a dash where a figure would stand


def one(room: Room, trouble: str | None, now: float, width: int, height: int) -> list[str]:
    """A room: how it is now, its last lesson, and how the sensor is."""
    condition = room.condition(now)
    lines = [f"{printable(room.site)}/{printable(room.name)}   {STATUS[condition][0]}", ""]
    lines += [printable(trouble), ""] if trouble else []
    lines += _now(room, condition)
    lines += ["", *_chart(room.history, width, max(2, min(_TALLEST, height - 14)))]
    lines += ["", *_health(room)]
    return [line[:width] for line in lines]


def many(rooms: Sequence[Room], trouble: str | None, now: float, width: int) -> list[str]:
    """A line a room."""
    lines = [printable(trouble), ""] if trouble else []
    name = max([len(f"{room.site}/{room.name}") for room in rooms], default=4)
    chart = max(10, min(40, width - name - 46))
    lines.append(f"{'room':<{name}}  {'':<13}  {'engaged':<14} faces  {'last lesson':<{chart}}")
    for room in sorted(rooms, key=lambda room: (_NEEDY.index(room.condition(now)), room.site, room.name)):
        condition = room.condition(now)
        record = room.record if condition == "ok" else None
        faces = _NONE if record is None or record.faces is None else str(record.faces)
        place = f"{printable(room.site)}/{printable(room.name)}"
        line = _spark(_columns(room.history, chart))
        lines.append(f"{place:<{name}}  {STATUS[condition][0]:<13}  {_figure(record):<14} {faces:>5}  {line}")
    if not rooms:
        lines.append("Nothing was heard of any room yet.")
    return [line[:width] for line in lines]


def printable(text: str | None) -> str:
    """A terminal obeys what is not."""
    return "".join(letter if letter.isprintable() else "?" for letter in text or "")[:300]


def _figure(record: Record | None) -> str:
    if record is None or record.engaged is None:
        return _NONE
    low, high = record.engaged_low, record.engaged_high
    sure = "" if low is None or high is None else f" ({100 * low:.0f} to {100 * high:.0f})"
    return f"{100 * record.engaged:.0f}{sure}"


def _now(room: Room, condition: Condition) -> list[str]:
    record = room.record
    if condition != "ok" or record is None or record.engaged is None:
        return [why(room, condition) or STATUS[condition][0]]
    lines = [f"engaged   {_figure(record)} of 100"]
    if record.levels:
        shares = {"low": record.levels.low, "middle": record.levels.mid, "high": record.levels.high}
        lines.append("spread    " + "   ".join(f"{name} {share:.0%}" for name, share in shares.items()))
    judged = "" if record.judged is None else f", {record.judged} of them judged"
    lines.append(f"faces     {_NONE if record.faces is None else record.faces}{judged}")
    if record.coverage is not None:
        lines.append(f"seen      {record.coverage:.0%} of the room")
    return lines


def _health(room: Room) -> list[str]:
    said = room.health
    if said is None:
        return ["no health report yet"]
    parts = (
        None if said.camera == "ok" else f"camera {said.camera}",
        None if said.fps is None else f"{said.fps:g} frames a second",
        None if said.temperature_c is None else f"{said.temperature_c:.0f} °C",
        f"{said.waiting_records} records wait for the broker" if said.waiting_records > 1 else None,
        said.model,
        said.last_error,
    )
    return [printable(part) for part in parts if part]


Column = tuple[float | None, str]
"""The mean of what was told, or a letter for why nothing was."""


def _columns(history: Sequence[Record], count: int) -> list[Column]:
    """The last lesson in so many stretches of time; one of which nothing is known is empty."""
    if not history:
        return [(None, "")] * count
    end = history[-1].end
    begin = max(end - HISTORY, min(history[0].begin, end - 300))
    parts: list[list[Record]] = [[] for _ in range(count)]
    for record in history:
        at = int((record.begin - begin) / (end - begin) * count)
        if 0 <= at < count:
            parts[at].append(record)
    return [_column(part) for part in parts]


def _column(part: Sequence[Record]) -> Column:
    told = [record.engaged for record in part if record.engaged is not None]
    if told:
        return sum(told) / len(told), ""
    return None, _REASONS.get(part[-1].status, "") if part else ""


def _spark(columns: Sequence[Column]) -> str:
    return "".join(_block(value, 0, 1) if value is not None else why or " " for value, why in columns)


def _block(value: float, floor: float, ceiling: float) -> str:
    """How far a value fills the stretch between two heights; a trace of it is always seen at the bottom."""
    share = (value - floor) / (ceiling - floor)
    least = 1 if floor == 0 else 0
    return _BLOCKS[max(least, min(8, round(8 * share)))]


def _chart(history: Sequence[Record], width: int, rows: int) -> list[str]:
    columns = _columns(history, max(10, min(100, width - 6)))
    lines: list[str] = []
    for row in range(rows - 1, -1, -1):
        mark = {rows - 1: "100", 0: "  0"}.get(row, "   ")
        bars = "".join(" " if v is None else _block(v, row / rows, (row + 1) / rows) for v, _ in columns)
        lines.append(f"{mark} {bars}")
    why = "".join(letter or " " for _, letter in columns)
    if why.strip():
        lines += [f"    {why}", f"    {_LEGEND}"]
    if history:
        first, last = (time.strftime("%H:%M", time.localtime(at)) for at in (history[0].begin, history[-1].end))
        lines.append(f"    {first} to {last}")
    return lines
