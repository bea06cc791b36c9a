"""The sheet as Markdown, for people who decide."""

from __future__ import annotations

from collections.abc import Iterable

from edge.sheet.facts import Sheet

__all__ = ["markdown"]


def markdown(sheet: Sheet) -> str:
    return "\n".join(
        [
            f"# Data-protection sheet: {sheet.site}/{sheet.room}",
            "",
            f"Written by {sheet.program} from the configuration in force: the part of an impact assessment that a",
            "program can write. What is necessary and proportionate here, it cannot know.",
            "",
            *_law(sheet),
            *_data(sheet),
            *_threshold(sheet),
            *_recipient(sheet),
            *_networks(sheet),
            *_warnings(sheet),
        ]
    )


def _law(sheet: Sheet) -> Iterable[str]:
    yield from ("## Why, and under which law", "")
    yield f"- Purpose: **{sheet.law.purpose}**. Region: **{sheet.law.region or 'not set'}**."
    yield f"- EU AI Act, Article 5(1)(f): {sheet.law.verdict}"
    yield f"- The sensor **{'starts' if sheet.law.starts else 'does not start'}**."
    yield f"- The camera may be open: {sheet.lessons}."
    yield ""


def _data(sheet: Sheet) -> Iterable[str]:
    yield from ("## What is processed, and for how long", "")
    yield f"A camera of {sheet.camera}. No sound. Nobody is recognised, and no one face is told of."
    yield from ("", "| data | where | how long | leaves the device |", "|---|---|---|---|")
    for kept in sheet.data:
        yield f"| {kept.data} | {_code(kept.where)} | {kept.how_long} | {'yes' if kept.leaves else 'no'} |"
    yield ""


def _threshold(sheet: Sheet) -> Iterable[str]:
    gate = sheet.threshold
    yield from ("## What stands between the class and a figure", "")
    yield f"- One record in {gate.window_seconds} seconds."
    yield f"- Figures only with at least **k = {gate.k}** faces judged on average."
    yield f"- Faces below {gate.smallest_judged} pixels are counted and not judged."
    if gate.change > 1:
        yield (
            f"- Of two windows whose judged faces differ by fewer than {gate.change} people one is suppressed, for "
            f"{gate.settle_minutes:g} minutes."
        )
    else:
        yield "- Complementary suppression is **off** (privacy.change)."
    if gate.epsilon is None:
        yield "- Noise is **off** (privacy.epsilon)."
    else:
        yield (
            f"- Noise is **on**: epsilon {gate.epsilon:g} a window, {gate.epsilon_lesson:g} a lesson, "
            f"{gate.epsilon_day:g} in 24 hours."
        )
    yield f"- Which way faces are turned is {'told, as shares of the class' if gate.orientation else 'not told'}."
    yield "- What this keeps from whom, in figures: docs/privacy.md."
    yield ""


def _recipient(sheet: Sheet) -> Iterable[str]:
    to = sheet.recipient
    yield from ("## Where it goes", "")
    if to.broker is None:
        yield from (
            "No broker is configured: records are printed on this machine, and go nowhere else.",
            "",
        )
        return
    yield f"- To the broker {_code(to.broker)}, topics {_code(to.topic + '/…')}, as {_code(to.account or 'nobody')}."
    yield f"- The connection is **{'encrypted' if to.encrypted else 'not encrypted'}**."
    yield f"- The broker keeps the newest record, on MQTT 5 for {to.retained_seconds} seconds."
    yield "- Who reads there is up to its access list."
    signed = "must be signed" if sheet.commands_signed else "need no signature"
    yield f"- Whoever may write to the topic `command` may pause and resume; commands {signed}."
    yield ""


def _networks(sheet: Sheet) -> Iterable[str]:
    yield from (
        "## The networks",
        "",
        "| does | name | SHA-256 | licence | origin | meant for |",
        "|---|---|---|---|---|---|",
    )
    for network in sheet.networks:
        cells = (
            network.role,
            network.name,
            _code(network.sha256),
            network.licence,
            network.origin,
            network.intended_use,
        )
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _warnings(sheet: Sheet) -> Iterable[str]:
    if sheet.warnings:
        yield from ("## To be looked at", "", *(f"- {warning}" for warning in sheet.warnings), "")


def _code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
