"""One open page: it shows a room and asks it to pause or resume."""

from __future__ import annotations

import time
from html import escape
from pathlib import Path
from typing import Literal

from nicegui import ui

from edge.dashboard import drawing
from edge.dashboard.listener import Listener
from edge.dashboard.rooms import Room

__all__ = ["show_page"]

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_ANSWER = 10.0  # seconds a sensor may take to obey


def show_page(listener: Listener, site: str, room: str) -> None:
    """Build the page in the current client and keep it up to date. Begins with the room named."""
    page = _Page(listener, f"{site}/{room}")
    page.refresh()
    ui.timer(1.0, page.refresh)


class _Part:
    """A piece of the page, sent to the browser only when it has changed."""

    def __init__(self, classes: str = "", tag: str = "div", props: str = "") -> None:
        self._element = ui.html("", sanitize=False, tag=tag).classes(classes).props(props)

    def show(self, content: str) -> None:
        if self._element.content != content:
            self._element.set_content(content)


class _Page:
    def __init__(self, listener: Listener, wanted: str) -> None:
        self._listener = listener
        self._wanted = wanted
        """What was chosen. While nothing is heard of it, another is shown."""
        self._shown = wanted
        self._asked: tuple[Literal["running", "paused"], float] | None = None
        """What the sensor was asked to be, and when."""
        ui.add_css(_STYLE)
        ui.colors(primary="#1f7a6d")
        self._picker = ui.toggle([], on_change=self._pick).props("no-caps unelevated aria-label=Room").classes("picker")
        with ui.element("header").classes("top"):
            self._title = _Part()
            self._status = _Part()
            self._button = ui.button(on_click=self._ask, color=None).props("no-caps flat").classes("pause")
        self._trouble = _Part("trouble", props="role=alert")
        with ui.element().classes("cards"):
            self._figure = self._card("Engagement now", "now", "fill")
            self._levels = self._card("How the class is spread")
            self._facts = self._card("The room", tag="dl", classes="facts")
            self._chart = self._card("The last lesson", "wide")
        self._health = _Part("health")
        with ui.element("footer").classes("foot"):
            ui.label(
                "An estimate for the class as a whole, from the faces of the last seconds. "
                "It says nothing about any one child. No picture is kept, and none leaves the sensor."
            )

    @staticmethod
    def _card(title: str, kind: str = "", classes: str = "", tag: str = "div") -> _Part:
        with ui.element("section").classes(f"card {kind}"):
            ui.html(title, sanitize=False, tag="h2")
            return _Part(classes, tag)

    def refresh(self) -> None:
        rooms = {f"{room.site}/{room.name}": room for room in self._listener.rooms.all()}
        self._shown = next((name for name in (self._wanted, self._shown, *rooms) if name in rooms), self._wanted)
        self._offer(list(rooms))
        site, _, name = self._shown.partition("/")
        room = rooms.get(self._shown) or Room(site, name)
        now = time.monotonic()
        condition = room.condition(now)
        self._title.show(f"<h1>{escape(room.name)}</h1><span>{escape(room.site)}</span>")
        self._status.show(drawing.status(condition))
        self._trouble.show(escape(self._listener.trouble or ""))
        self._figure.show(drawing.figure(room, condition))
        self._levels.show(drawing.levels(room, condition))
        self._facts.show(drawing.facts(room, condition, now))
        # Ten seconds are less than a pixel of a lesson.
        self._chart.show(drawing.chart(room, time.time() // 10 * 10))
        self._health.show(drawing.health(room))
        self._label_button(room, now)

    def _offer(self, names: list[str]) -> None:
        shown = self._shown if names else None
        if names != self._picker.options or shown != self._picker.value:
            self._picker.set_options(names, value=shown)
        self._picker.set_visibility(len(names) > 1)

    def _pick(self) -> None:
        chosen = self._picker.value
        if chosen and chosen != self._shown:
            self._wanted, self._asked = chosen, None
            self.refresh()

    def _label_button(self, room: Room, now: float) -> None:
        if self._asked:
            wanted, since = self._asked
            if room.obeyed(wanted):
                self._asked = None
            elif now > since + _ANSWER:
                self._asked = None
                ui.notify("The sensor did not answer. Is it online, and may this page send commands?")
        waiting = "Resuming …" if room.resumable else "Pausing …"
        label = "Resume" if room.resumable else "Stay paused" if room.state == "paused" else "Pause"
        self._button.set_text(waiting if self._asked else label)
        self._button.set_enabled(room.availability == "online" and not self._asked)

    def _ask(self) -> None:
        site, _, name = self._shown.partition("/")
        room = next((room for room in self._listener.rooms.all() if (room.site, room.name) == (site, name)), None)
        if room:
            self._listener.command(room, "resume" if room.resumable else "pause")
            self._asked = ("running" if room.resumable else "paused", time.monotonic())
            self.refresh()
