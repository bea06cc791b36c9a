"""What the device and its page read: configuration, bundles, commands, and whatever a broker says."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import numpy as np
from fuzz.target import Target, Tree
from graphs import graph

from edge.config import example, load, show
from edge.dashboard import drawing
from edge.dashboard.rooms import Room, Rooms
from edge.errors import Problem
from edge.model import bundle
from edge.model.levels import level_matrix
from edge.model.reliability import errors, smallest_judged
from edge.publish.commands import Commands

__all__ = ["TARGETS"]

_config = Tree({"config.toml": example().encode()})


def _configuration(data: bytes) -> None:
    _config.given(b"\0" + data, lambda folder: show(load(folder / "config.toml"), {}))


def _environment(data: bytes) -> None:
    pairs = [line.partition("=") for line in data.decode(errors="replace").splitlines()]
    show(load(None, {f"EDGE_ENGAGE_{name}": value for name, _, value in pairs}), {})


def _card_of(model: bytes, **more: object) -> bytes:
    card = {
        "kind": "engagement",
        "name": "tiny",
        "card": 2,
        **dict.fromkeys(("licence", "origin", "intended_use"), "some"),
        "input": {"width": 48, "height": 48, "channels": 1, "normalization": "unit", "margin": 0.1},
        "output": {"labels": ["low", "mid", "high"], "activation": "softmax", "temperature": 1.5},
        "quantization": {"dtype": "float32", "method": "none"},
        "reliability": [{"height": height, "auc": 0.8, "spread": 0.3, "shared": 0.2} for height in (12, 24)],
        "files": {bundle.MODEL: hashlib.sha256(model).hexdigest()},
    }
    return json.dumps({**card, **more}).encode()


_TINY, _SEEING = graph((1, 48, 48, 1), (1, 3), value=1 / 3), graph((1, 16, 16, 3), (1, 4, 1), (1, 4, 16))
_bundles = [
    Tree({bundle.CARD: card, bundle.MODEL: model})
    for model, card in (
        (_TINY, _card_of(_TINY)),
        (
            _SEEING,
            _card_of(
                _SEEING,
                kind="detector",
                input={"width": 16, "height": 16, "channels": 3, "normalization": "unit"},
                anchors={"family": "blazeface", "strides": [8], "anchors_per_cell": [1], "min_score": 0.5},
            ),
        ),
    )
]


def _bundle(data: bytes) -> None:
    """One file of a bundle is another: the hashes tell."""
    _bundles[bool(data) and data[0] >= 128].given(data, lambda folder: bundle.load(folder, kind=None))


def _card(data: bytes) -> None:
    """A card that anybody may have written, beside the files it names."""
    _bundles[bool(data) and data[0] >= 128].given(b"\0" + data[1:], _use)


def _use(folder: Path) -> None:
    loaded = bundle.load(folder, kind=None)
    smallest_judged(loaded.card)
    errors(loaded.card, np.array([[0, 0, 20, 20], [0, 0, 0, 0]], np.float32))
    if loaded.card.kind == "engagement":
        level_matrix(loaded.card.output, "the card")


_models = Tree({bundle.CARD: b"", bundle.MODEL: b""})


def _model(data: bytes) -> None:
    """A network that anybody may have made, with a card that vouches for it."""
    (_models.folder / bundle.MODEL).write_bytes(data)
    _models.given(b"\0" + _card_of(data), lambda folder: bundle.load(folder, kind=None))


def _commands(data: bytes) -> None:
    heard = Commands()
    for payload in data.split(b"\0"):
        heard.receive(payload)
    while heard.next():
        pass
    answer = heard.answer()
    assert answer is None or len(answer) < 300


_BASE = "edge-engage/v1/school/room-12"
_RECORD = (
    b'{"schema": 1, "seq": 8123, "start": "2026-11-21T09:00:10Z", "seconds": 10, "status": "ok", "faces": 12, '
    b'"judged": 10, "engaged": 0.67, "engaged_low": 0.53, "engaged_high": 0.81, "levels": {"low": 0.18, "mid": 0.3, '
    b'"high": 0.52}, "coverage": 0.93, "model": "er-int8@3f9c21ab", "privacy": {"k": 5, "epsilon": null}}'
)
_HEALTH = (
    b'{"schema": 1, "at": "2026-11-21T09:00:10Z", "status": "running", "camera": "ok", "fps": 15.0, "detector_ms": 9, '
    b'"temperature_c": 61.8, "throttling": ["throttled"], "waiting_records": 0, "model": "m", "last_error": "<b>"}'
)


def _page(data: bytes) -> None:
    """Messages, each a topic's last word, a space and a payload; then the page is drawn."""
    rooms = Rooms()
    rooms.hear(f"{_BASE}/availability", b"online")
    for message in data.split(b"\n"):
        topic, _, payload = message.partition(b" ")
        rooms.hear(f"{_BASE}/{topic.decode(errors='replace')}", payload)
    now = time.monotonic()
    for room in rooms.all():
        _draw(room, now)


def _draw(room: Room, now: float) -> None:
    condition = room.condition(now)
    drawing.status(condition)
    drawing.figure(room, condition)
    drawing.levels(room, condition)
    drawing.facts(room, condition, now)
    drawing.chart(room, time.time())
    assert "<" not in drawing.health(room)


def _topics(data: bytes) -> None:
    """The topic, too, may be anything."""
    topic, _, payload = data.partition(b"\0")
    rooms = Rooms()
    rooms.hear(topic.decode(errors="replace"), payload, retained=True)
    assert all(room.condition(time.monotonic()) for room in rooms.all())


def _address(data: bytes) -> None:
    from edge.publish import parse

    url = data.decode(errors="replace")
    try:
        shown = repr(parse(url))
    except Problem as problem:
        shown = str(problem)
    assert "s3cret" not in shown or "s3cret" in url.rpartition("@")[2].lower(), "a password is shown"


_TOML = b'[site]\nsite = "school"\n[mqtt]\nurl = "mqtts://u:p@h:8883"\n[window]\nseconds = 5\n[camera]\nloop = true\n'
_ENVIRONMENT = b"MQTT_URL=mqtt://u:p@h\nWINDOW_SECONDS=5\nCAMERA_LOOP=true\nSITE_REGION=US-CA\nVISION_BUDGET_MS=1e3"
TARGETS = [
    Target("configuration", _configuration, [example().encode(), _TOML]),
    Target("environment", _environment, [_ENVIRONMENT]),
    Target("address", _address, [b"mqtt://user:s3cret@broker.example:1883", b"mqtts://[::1]:8883/"]),
    Target("bundle", _bundle, _bundles[0].seeds()),
    Target("card", _card, [b"\0" + _bundles[0].seeds()[0][1:], b"\x80" + _bundles[1].seeds()[0][1:]]),
    Target("model", _model, [_TINY]),
    Target("commands", _commands, [b"pause\0resume\0 pause\n\0dance"]),
    Target("page", _page, [b"engagement " + _RECORD + b"\nhealth " + _HEALTH + b"\nstate paused\navailability x"]),
    Target("topics", _topics, [f"{_BASE}/engagement".encode() + b"\0" + _RECORD]),
]
