"""The same in a terminal: the words, and the program in a real terminal with a real broker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from broker import Mosquitto, eventually
from parts import need

from edge.cli import main
from edge.dashboard.rooms import Room, Rooms
from edge.watch.words import many, one, printable

BASE = "edge-engage/v1/school/{}/"
ROOT = Path(__file__).parents[2]


def record(seq: int, status: str = "ok", *, ago: float = 10, engaged: float = 0.67) -> bytes:
    start = datetime.fromtimestamp(time.time() - ago, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    figures = {"faces": 12, "judged": 9, "engaged": engaged, "engaged_low": 0.53, "engaged_high": 0.81}
    figures |= {"levels": {"low": 0.2, "mid": 0.3, "high": 0.5}, "coverage": 0.93}
    told = {"schema": 1, "seq": seq, "start": start, "seconds": 10, "status": status, "privacy": {"k": 5}}
    return json.dumps(told | (figures if status == "ok" else {})).encode()


def rooms_of(**said: str) -> list[Room]:
    """Rooms with these last words: a record's status, or offline."""
    rooms = Rooms()
    for name, word in said.items():
        base = BASE.format(name)
        rooms.hear(base + "availability", b"offline" if word == "offline" else b"online")
        rooms.hear(base + "engagement", record(1, "ok" if word == "offline" else word))
    return rooms.all()


def test_a_room_is_told_with_its_figure_its_lesson_and_its_sensor() -> None:
    rooms = Rooms()
    rooms.hear(BASE.format("r1") + "availability", b"online")
    for seq in range(60):
        status = "suppressed" if 20 <= seq < 30 else "ok"
        rooms.hear(BASE.format("r1") + "engagement", record(seq, status, ago=600 - 10 * seq, engaged=seq / 60))
    rooms.hear(BASE.format("r1") + "health", b'{"camera": "lost: unplugged", "temperature_c": 51.2}')
    lines = one(rooms.all()[0], None, time.monotonic(), 80, 30)
    assert lines[0] == "school/r1   Live"
    assert "engaged   98 (53 to 81) of 100" in lines
    assert "faces     12, 9 of them judged" in lines
    bottom = next(line for line in lines if line.startswith("  0 "))
    reasons = lines[lines.index(bottom) + 1]
    assert "s: too few faces" in lines[lines.index(bottom) + 2]
    gaps = [at for at, letter in enumerate(reasons) if letter == "s"]
    assert len(gaps) > 5
    assert {bottom[at] for at in gaps} == {" "}
    assert "camera lost: unplugged" in lines


@pytest.mark.parametrize(("status", "words"), [("suppressed", "Fewer than 5 people"), ("blind", "sees nothing")])
def test_where_there_is_no_figure_it_says_why(status: str, words: str) -> None:
    said = "\n".join(one(*rooms_of(r1=status), None, time.monotonic(), 100, 30))
    assert words in said
    assert "engaged" not in said


def test_the_rooms_that_need_a_person_come_first_and_the_figures_rank_nobody() -> None:
    rooms = rooms_of(a="ok", b="blind", c="ok", d="offline", e="suppressed")
    order = [line.split()[0].removeprefix("school/") for line in many(rooms, None, time.monotonic(), 100)[1:]]
    assert order == ["d", "b", "e", "a", "c"]
    better = Rooms()
    for name, engaged in (("a", 0.2), ("c", 0.9)):
        better.hear(BASE.format(name) + "availability", b"online")
        better.hear(BASE.format(name) + "engagement", record(1, engaged=engaged))
    assert [line.split()[0] for line in many(better.all(), None, time.monotonic(), 100)[1:]] == ["school/a", "school/c"]


def test_a_terminal_is_told_nothing_that_it_would_obey() -> None:
    assert printable("ok\x1b[2J\x07\nmore") == "ok?[2J??more"
    rooms = Rooms()
    rooms.hear(BASE.format("r1") + "availability", b"online")
    rooms.hear(BASE.format("r1") + "health", json.dumps({"last_error": "\x1b]0;owned\x07" * 100}).encode())
    said = one(rooms.all()[0], "\x1b[31m", time.monotonic(), 80, 24)
    assert all(line.isprintable() for line in said)
    assert max(map(len, said)) <= 80


def test_without_a_terminal_it_says_so(capsys) -> None:
    assert main(["watch", "--mqtt", "mqtt://127.0.0.1:1"]) == 2
    assert "This is for a terminal" in capsys.readouterr().err


class Terminal:
    """A program in a real terminal, 90 x 26."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._tmux = [need("tmux", "tmux"), "-S", str(folder / "tmux")]
        command = f"cd {ROOT}; {sys.executable} -m edge.cli {' '.join(words)}; echo ended with $?; sleep 60"
        self.run("-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "26", command)

    def run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True).stdout

    def shows(self) -> str:
        return self.run("capture-pane", "-p")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    started: list[Terminal] = []

    def start(*words: str) -> Terminal:
        started.append(Terminal(tmp_path, *words))
        return started[-1]

    yield start
    for each in started:
        each.run("kill-server")


def test_it_follows_the_broker_and_leaves_at_q(terminal, tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        shown = terminal("watch", "--mqtt", broker.url, "--site", "school", "--room", "r1")
        eventually(lambda: "Waiting" in shown.shows(), "an empty room")
        broker.publish(BASE.format("r1") + "availability", "online")
        broker.publish(BASE.format("r1") + "engagement", record(1).decode())
        eventually(lambda: "67 (53 to 81) of 100" in shown.shows(), "the figure")
        broker.stop()
        eventually(lambda: "Trying again" in shown.shows(), "the trouble is told")
        broker.start()
        eventually(lambda: "Trying again" not in shown.shows(), "it is over")
        shown.run("send-keys", "q")
        eventually(lambda: "ended with 0" in shown.shows(), "it leaves")
