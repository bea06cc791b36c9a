"""What waits on disk: numbers without gaps, order, bounds and age."""

from __future__ import annotations

from pathlib import Path

import pytest
from room import Time
from spooled import DAY, MIB, copied, opened, put, waiting


def test_records_wait_in_order_until_they_are_done(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        assert spool.peek() is None
        assert put(spool, 3) == [0, 1, 2]
        assert (spool.depth, spool.newest, waiting(spool)) == (3, 2, [0, 1, 2])
        spool.done(1)
        assert (spool.depth, waiting(spool)) == (2, [0, 2])
        assert spool.peek(0).number == 2
        assert (spool.dropped, spool.declined, spool.trouble) == (0, 0, None)


def test_everything_is_as_it_was_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        put(spool, 5)
        spool.done(0)
        spool.decline(3)
    with opened(tmp_path) as spool:
        assert (waiting(spool), spool.depth, spool.declined, spool.newest) == ([1, 2, 4], 3, 1, 4)
        assert put(spool) == [5]


def test_a_number_is_spent_with_its_record_and_not_before(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        assert (spool.next_seq(), spool.next_seq()) == (0, 0)
        spool.skip()  # a record that is printed and goes nowhere
    with opened(tmp_path) as spool:
        assert put(spool) == [1]
        assert waiting(spool) == [1]


def test_a_record_is_put_before_it_can_be_seen(tmp_path: Path) -> None:
    """Whoever reads the file beside the running spool, after a kill -9 for one, finds it."""
    spool = opened(tmp_path)
    put(spool, 2)
    spool.done(0)
    with opened(copied(tmp_path)) as found:
        assert (waiting(found), found.next_seq()) == ([1], 2)
    spool.close()


def test_an_older_programs_number_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "seq").write_text("8123")
    with opened(tmp_path) as spool:
        assert put(spool, 2) == [8123, 8124]
    assert (tmp_path / "seq").read_text().split() == ["8125"]


def test_what_was_declined_is_out_of_the_way_until_it_is_offered_again(tmp_path: Path) -> None:
    with opened(tmp_path) as spool:
        put(spool, 5)
        for number in (1, 0, 3):
            spool.decline(number)
        assert (waiting(spool), spool.depth, spool.declined) == ([2, 4], 2, 3)
        assert spool.offer(everything=False) == 1, "the one declined longest ago"
        assert (waiting(spool), spool.declined) == ([1, 2, 4], 2)
        spool.decline(1)
        assert spool.offer(everything=False) == 0, "in turn: one that is never taken is not in the way of the others"
        spool.offer(everything=True)
        assert (waiting(spool), spool.declined) == ([0, 1, 2, 3, 4], 0)
        assert spool.offer(everything=True) is None


def test_beyond_its_bound_the_oldest_are_dropped_and_counted_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path, most_bytes=MIB) as spool:
        put(spool, 1)
        spool.decline(0)
        assert spool.trouble is None
        numbers = put(spool, 400, size=4000)
        kept = waiting(spool)
        assert kept == numbers[-len(kept) :]
        assert 200 < len(kept) < 263
        assert spool.dropped == 401 - len(kept), "what was declined is dropped as well"
        assert (spool.declined, spool.depth) == (0, len(kept))
        assert "at its bound (1 MiB or 14 days)" in (spool.trouble or "")
        assert caplog.text.count("at its bound") == 1, "said once"
        dropped = spool.dropped
        for number in kept[:100]:
            spool.done(number)
        put(spool)
        assert spool.trouble is None
    size = sum(file.stat().st_size for file in tmp_path.glob("spool.db*"))
    assert size < MIB + 10_000
    with opened(tmp_path, most_bytes=MIB) as spool:
        assert spool.dropped == dropped


def test_what_is_too_old_is_dropped(tmp_path: Path) -> None:
    time = Time()
    with opened(tmp_path, time=time) as spool:
        put(spool, 2)
        time.passed += 14 * DAY - 1
        assert put(spool) == [2]
        assert (waiting(spool), spool.dropped) == ([0, 1, 2], 0)
        assert spool.peek().age == 14 * DAY - 1
        time.passed += 2
        put(spool)
        assert (waiting(spool), spool.dropped) == ([2, 3], 2)


def test_a_clock_that_is_set_makes_no_record_older(tmp_path: Path) -> None:
    """A Raspberry Pi starts in the past and is told the time by the network, weeks later by its own reckoning."""
    time = Time()
    with opened(tmp_path, time=time) as spool:
        put(spool, 2)
        spool.decline(0)
        time.set_by = 30 * DAY
        time.passed += 5
        assert spool.peek().age == 5
        put(spool)
        spool.offer(everything=True)
        assert (waiting(spool), spool.dropped) == ([0, 1, 2], 0)
        time.set_by = -30 * DAY
        assert spool.peek().age == 5
    time.passed += 3 * DAY
    with opened(tmp_path, time=time) as spool:
        assert spool.peek().age == 3 * DAY + 5
