"""What systemd would hear, on a real datagram socket. tests/deploy shows it with systemd itself."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.service import Notifier


@pytest.fixture(params=["path", "abstract"])
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@edge-engage-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name.replace("@", "\0"))
        ear.setblocking(False)
        yield ear, name


def heard(ear: socket.socket) -> list[str]:
    messages: list[str] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            messages.append(ear.recv(1000).decode())
    return messages


def test_ready_comes_with_the_first_frame_only(channel: tuple[socket.socket, str]) -> None:
    ear, name = channel
    notifier = Notifier({"NOTIFY_SOCKET": name})
    notifier.progress(0)
    assert heard(ear) == []
    notifier.progress(1)
    assert heard(ear)[0].startswith("READY=1")
    notifier.progress(2)
    assert not any("READY" in message for message in heard(ear))
    notifier.stopping()
    assert heard(ear) == ["STOPPING=1"]


def test_a_start_that_waits_for_a_camera_is_given_more_time_until_the_first_frame(
    channel: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ear, name = channel
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    notifier = Notifier({"NOTIFY_SOCKET": name})
    asked = []
    for _ in range(400):
        notifier.waiting()
        now += 0.5
        asked += heard(ear)
    assert set(asked) == {"EXTEND_TIMEOUT_USEC=90000000"}
    assert 5 <= len(asked) <= 10, "well before the time is over, and not at every turn"
    notifier.progress(1)
    heard(ear)
    now += 100
    notifier.waiting()
    assert heard(ear) == []


def test_the_status_is_one_line_told_when_it_changes(channel: tuple[socket.socket, str]) -> None:
    """A line break in what somebody else said would give systemd orders."""
    ear, name = channel
    notifier = Notifier({"NOTIFY_SOCKET": name})
    for words in ("Camera lost", "Camera lost", "no\nREADY=1 yet"):
        notifier.status(words)
    assert heard(ear) == ["STATUS=Camera lost", "STATUS=no READY=1 yet"]


def test_the_watchdog_is_fed_by_progress_only(channel: tuple[socket.socket, str]) -> None:
    ear, name = channel
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "4", "WATCHDOG_PID": str(os.getpid())})
    notifier.progress(1)
    assert "WATCHDOG=1" in heard(ear)
    notifier.progress(1)
    notifier.progress(1)
    assert heard(ear) == []
    notifier.progress(2)
    assert heard(ear) == ["WATCHDOG=1"]


def test_a_watchdog_of_hours_is_not_fed_with_every_frame(channel: tuple[socket.socket, str]) -> None:
    ear, name = channel
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(3600 * 10**6)})
    for frame in range(1, 100):
        notifier.progress(frame)
    assert heard(ear).count("WATCHDOG=1") == 1


def test_a_watchdog_meant_for_another_process_is_left_alone(channel: tuple[socket.socket, str]) -> None:
    ear, name = channel
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "4", "WATCHDOG_PID": "1"})
    notifier.progress(1)
    assert "WATCHDOG=1" not in heard(ear)


def test_children_do_not_inherit_the_channel() -> None:
    environment = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "HOME": "/"}
    Notifier(environment)
    assert environment == {"HOME": "/"}


def test_without_systemd_and_with_a_lost_one_nothing_happens(tmp_path: Path) -> None:
    for notifier in (Notifier({}), Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")})):
        notifier.progress(1)
        notifier.status("fine")
        notifier.stopping()
