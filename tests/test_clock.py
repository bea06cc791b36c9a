"""A clock that is wrong at first: records say so, and are mended once it is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import UNSET
from room import Room, shots
from spooled import opened

from edge.aggregate.record import encode, mended
from edge.service.synchronized import Synchronized, by_kernel


def test_records_say_that_the_clock_is_not_known_until_it_is() -> None:
    room = Room(shots(0, 60)).pause(10.1, 29)
    room.time.good = False
    room.at(35, lambda: (setattr(room.time, "good", True), setattr(room.time, "set_by", 86400.0 * 365)))
    told = room.play(50.5)
    assert [record.status for record in told] == ["ok", "paused", "ok", "ok"]
    assert [record.clock for record in told] == ["unsynced", "unsynced", UNSET, UNSET]
    assert room.mended == [86400.0 * 365]
    assert [record.start[:4] for record in told] == ["2026", "2026", "2027", "2027"]


def test_a_jump_makes_no_window_longer_shorter_or_double() -> None:
    """No real-time clock, and a network time that comes late and is taken back."""
    room = Room(shots(0, 60))
    room.time.good = False
    for moment, by in ((3, 1e8), (14, -1e8), (27, 5.0), (38, 0.0)):
        room.at(moment, lambda by=by: setattr(room.time, "set_by", by))
    told = room.play(51)
    assert [record.seconds for record in told] == [10] * 5
    assert [record.start[11:19] for record in told] == [f"12:00:{second}" for second in ("00", "10", "20", "30", "40")]


def record(start: str = "2026-11-25T12:00:00Z", **more: object) -> bytes:
    (told,) = Room(shots(0, 10.25)).play(10.5)
    return json.dumps({**json.loads(encode(told)), "start": start, **more}).encode()


@pytest.mark.parametrize(
    ("by", "start"),
    [(0.0, "2026-11-25T12:00:00Z"), (86400.5, "2026-11-26T12:00:00Z"), (-3600.0, "2026-11-25T11:00:00Z")],
)
def test_a_mended_record_differs_in_its_time_alone(by: float, start: str) -> None:
    before = json.loads(record())
    after = json.loads(mended(record(clock="unsynced"), by))
    assert after == {**before, "start": start}


def test_a_record_whose_time_was_known_is_left_as_it_is() -> None:
    assert mended(record(), 3600) == record()


def test_what_waits_in_the_spool_is_mended_but_for_what_an_earlier_run_left(tmp_path: Path) -> None:
    """By how much the clock was off before a restart nobody knows."""
    with opened(tmp_path) as spool:
        spool.next_seq()
        spool.put(record(clock="unsynced"))
    with opened(tmp_path) as spool:
        for _ in range(2):
            spool.next_seq()
            spool.put(record(clock="unsynced"))
        spool.decline(2)
        spool.mend(lambda payload: mended(payload, 60))
        spool.offer(everything=True)
        assert [json.loads(spool.peek(after).payload)["start"][14:19] for after in (-1, 0, 1)] == [
            "00:00",
            "01:00",
            "01:00",
        ]
        assert [json.loads(spool.peek(after).payload).get("clock") for after in (-1, 0, 1)] == ["unsynced", None, None]
    with opened(tmp_path) as spool:
        assert json.loads(spool.peek(1).payload)["start"][14:19] == "01:00", "on the disk, whole"
        assert (spool.dropped, spool.trouble) == (0, None)


def test_the_kernels_word_counts_before_any_other(tmp_path: Path) -> None:
    mark = tmp_path / "synchronized"
    for kernel in (True, False):
        mark.touch()
        assert Synchronized(lambda kernel=kernel: kernel, lambda: True, mark)() is kernel


def test_where_the_kernel_may_not_be_asked_systemd_is(tmp_path: Path) -> None:
    mark = tmp_path / "synchronized"
    asked: list[bool] = []
    unknown = Synchronized(lambda: None, lambda: bool(asked.append(True)), mark)
    assert [unknown() for _ in range(10)] == [False] * 10
    assert len(asked) == 1, "once a minute"
    assert Synchronized(lambda: None, lambda: True, mark)()
    mark.touch()
    assert Synchronized(lambda: None, lambda: False, mark)()


def test_this_machines_kernel_answers() -> None:
    assert by_kernel() in (True, False)
