"""What is no command: answered, and noted in the journal now and then."""

from __future__ import annotations

import logging
import time

import pytest

from edge.publish.commands import Commands


def test_what_is_no_command_leaves_one_line_a_minute_shortened_and_escaped(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    commands = Commands()
    with caplog.at_level(logging.WARNING):
        commands.receive(b"dance\nedge-engage: all is well\x1b[2J" + b"x" * 5000)
        for number in range(1000):
            commands.receive(b"junk %d" % number)
        now += 61
        commands.receive(b"junk again")
    first, second = (record.getMessage() for record in caplog.records)
    assert (
        first == 'On the command topic: "dance?edge-engage: all is well?[2Jxxxxxx" is no command. Send pause or resume.'
    )
    assert "junk again" in second
