"""The order in which records go out, what is retained of them, and what becomes of those a broker declines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from broker import Ear, Mosquitto, eventually

from edge.flow import Waiting
from edge.publish import MemoryOutbox, Publisher, Topics, delivery, parse
from edge.publish.delivery import Delivery
from edge.publish.link import Lost

ROOM = Topics("school", "room-1")


class Counter:
    """Takes what it is given, but for the numbers it declines or ends the connection over."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, bool, int | None]] = []
        self.declines: set[int] = set()
        self.fatal: set[int] = set()
        self.asked: list[int] = []

    def __call__(self, payload: bytes, *, retain: bool, expires: int | None) -> bool:
        number = int(payload)
        self.asked.append(number)
        if number in self.fatal:
            raise Lost("the connection was closed")
        if number in self.declines:
            return False
        self.taken.append((number, retain, expires))
        return True

    @property
    def numbers(self) -> list[int]:
        return [number for number, _, _ in self.taken]


class Aged(MemoryOutbox):
    """Records are as old as the test says."""

    age = 0.0

    def peek(self, after: int = -1) -> Waiting | None:
        found = super().peek(after)
        return found and Waiting(found.number, found.payload, self.age)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let time pass for the delivery."""
    time = [1000.0]
    monkeypatch.setattr(delivery.time, "monotonic", lambda: time[0])

    def advance(seconds: float) -> None:
        time[0] += seconds

    return advance


def put(outbox: MemoryOutbox, *numbers: int) -> None:
    for number in numbers:
        assert outbox.newest == number - 1
        outbox.put(b"%d" % number)


def delivering(outbox: MemoryOutbox, *, catch_up: float = 10) -> Delivery:
    made = Delivery(outbox, expires=30, catch_up=catch_up)
    made.begin()
    return made


def test_new_records_go_out_in_order_at_once_and_are_retained() -> None:
    outbox, broker = MemoryOutbox(), Counter()
    sends = delivering(outbox)
    put(outbox, 0, 1, 2)
    while outbox.depth:
        assert sends.turn(broker, forgets=True, hurry=False) == 0
    assert broker.taken == [(0, True, 30), (1, True, 30), (2, True, 30)]
    assert sends.turn(broker, forgets=True, hurry=False) > 0


def test_after_an_outage_the_newest_is_first_and_retained_and_the_late_ones_follow_so_many_a_second(now) -> None:
    outbox, broker = MemoryOutbox(), Counter()
    put(outbox, *range(5))
    sends = delivering(outbox)
    assert sends.turn(broker, forgets=True, hurry=False) == 0
    assert broker.numbers == [4, 0]
    rest = sends.turn(broker, forgets=True, hurry=False)
    assert (broker.numbers, rest) == ([4, 0], pytest.approx(0.1)), "ten a second"
    put(outbox, 5)
    sends.turn(broker, forgets=True, hurry=False)
    assert broker.numbers == [4, 0, 5], "a new one waits for none of them"
    for _ in range(5):
        now(0.1)
        sends.turn(broker, forgets=True, hurry=False)
    assert broker.numbers == [4, 0, 5, 1, 2, 3]
    assert [number for number, retain, _ in broker.taken if retain] == [4, 5]
    assert all(expires is None for _, retain, expires in broker.taken if not retain), "a store that is away gets them"


def test_many_new_ones_do_not_hold_up_the_late_ones(now) -> None:
    outbox, broker = MemoryOutbox(), Counter()
    put(outbox, *range(4))
    sends = delivering(outbox)
    put(outbox, *range(4, 20))
    for _ in range(4):
        sends.turn(broker, forgets=True, hurry=False)
        now(0.1)
    assert broker.numbers == [3, 0, 4, 1, 5, 2, 6]


def test_at_the_end_late_ones_need_not_wait_their_turn() -> None:
    outbox, broker = MemoryOutbox(), Counter()
    put(outbox, *range(5))
    sends = delivering(outbox)
    for _ in range(4):
        assert sends.turn(broker, forgets=True, hurry=True) == 0
    assert broker.numbers == [4, 0, 1, 2, 3]


def test_a_record_expires_as_soon_as_its_news_is_old() -> None:
    outbox, broker = Aged(), Counter()
    sends = delivering(outbox)
    for number, (age, told) in enumerate([(0.0, 30), (20.4, 10), (29.5, 1)]):
        outbox.age = age
        put(outbox, number)
        sends.turn(broker, forgets=True, hurry=False)
        assert broker.taken[-1] == (number, True, told)


def test_old_news_is_retained_only_by_a_broker_that_would_keep_still_older_news() -> None:
    outbox, broker = Aged(), Counter()
    outbox.age = 31
    sends = delivering(outbox)
    put(outbox, 0)
    sends.turn(broker, forgets=True, hurry=False)
    put(outbox, 1)
    sends.turn(broker, forgets=False, hurry=False)
    assert broker.taken == [(0, False, None), (1, True, None)]


def test_what_was_sent_before_a_restart_is_not_replaced_by_what_waits() -> None:
    outbox, broker = MemoryOutbox(), Counter()
    put(outbox, *range(5))
    outbox.done(4)  # by the process before
    sends = delivering(outbox)
    for _ in range(4):
        sends.turn(broker, forgets=True, hurry=True)
    assert broker.taken == [(number, False, None) for number in range(4)]


def test_a_connection_that_ends_does_not_make_the_newest_record_late() -> None:
    outbox, broker = MemoryOutbox(), Counter()
    sends = delivering(outbox)
    put(outbox, 0)
    broker.fatal = {0}
    with pytest.raises(Lost):
        sends.turn(broker, forgets=True, hurry=False)
    broker.fatal = set()
    sends.begin()
    sends.turn(broker, forgets=True, hurry=False)
    assert broker.taken == [(0, True, 30)]


def test_a_declined_record_is_in_nobodys_way_and_offered_again_on_the_next_connection() -> None:
    outbox, broker = MemoryOutbox(), Counter()
    sends = delivering(outbox)
    put(outbox, 0, 1, 2)
    broker.declines = {0}
    for _ in range(5):
        sends.turn(broker, forgets=True, hurry=True)
    assert (broker.numbers, broker.asked.count(0), outbox.declined) == ([1, 2], 2, 1), "once more, after 1 was taken"
    broker.declines = set()
    sends.begin()
    sends.turn(broker, forgets=True, hurry=True)
    assert broker.taken[-1] == (0, False, None), "an old one"


def test_all_that_was_declined_follows_once_a_new_record_is_taken_again() -> None:
    outbox, broker = MemoryOutbox(), Counter()
    sends = delivering(outbox)
    broker.declines = set(range(100))
    for number in range(4):
        put(outbox, number)
        sends.turn(broker, forgets=True, hurry=True)
    assert (broker.asked, outbox.declined, outbox.depth) == ([0, 1, 2, 3], 4, 0)
    broker.declines = set()
    put(outbox, 4)
    for _ in range(5):
        sends.turn(broker, forgets=True, hurry=True)
    assert broker.numbers == [4, 0, 1, 2, 3]


def test_of_the_declined_one_is_asked_about_every_ten_minutes_and_if_it_is_taken_all_follow(now) -> None:
    outbox, broker = MemoryOutbox(), Counter()
    sends = delivering(outbox)
    put(outbox, *range(4))
    broker.declines = {0, 1, 2, 3}
    for _ in range(10):
        now(50)
        sends.turn(broker, forgets=True, hurry=True)
    assert broker.asked == [0, 1, 2, 3]
    now(150)
    sends.turn(broker, forgets=True, hurry=True)
    assert broker.asked == [0, 1, 2, 3, 0]
    broker.declines = {0}
    now(601)
    for _ in range(5):
        sends.turn(broker, forgets=True, hurry=True)
    assert broker.numbers == [1, 2, 3], "0 is never taken and does not stand before the others"
    assert outbox.declined == 1


def test_a_record_over_which_every_connection_ends_is_kept_aside(caplog: pytest.LogCaptureFixture) -> None:
    outbox, broker = MemoryOutbox(), Counter()
    put(outbox, *range(4))
    broker.fatal = {1}
    sends = delivering(outbox)
    sends.turn(broker, forgets=True, hurry=True)
    for _ in range(5):
        assert 1 not in broker.numbers
        with pytest.raises(Lost):
            sends.turn(broker, forgets=True, hurry=True)
        sends.begin()
    sends.turn(broker, forgets=True, hurry=True)
    assert broker.numbers == [3, 0, 2]
    assert "5 times over record 1" in caplog.text
    sends.begin()
    with pytest.raises(Lost):
        sends.turn(broker, forgets=True, hurry=True)
    assert outbox.declined == 1, "offered again by the next connection that lasted, and at once kept aside again"


def acl(topics: str) -> str:
    return f"allow_anonymous true\nacl_file {topics}"


def test_a_mended_access_list_lets_all_through_that_it_had_kept_out(tmp_path: Path) -> None:
    """With mosquitto, which reads its list again on a signal and keeps its connections."""
    rules = tmp_path / "rules"
    others = "".join(f"topic write {topic}\n" for topic in (ROOM.availability, ROOM.health, ROOM.state))
    rules.write_text(f"topic read edge-engage/#\n{others}")
    outbox = MemoryOutbox()
    with (
        Mosquitto(tmp_path, acl(str(rules))) as broker,
        Ear(broker.port) as ear,
        Publisher(parse(broker.url), ROOM, expires=30, outbox=outbox) as voice,
    ):
        for number in range(3):
            voice.engagement(b"%d" % number)
        eventually(lambda: outbox.declined == 3, "all are declined")
        assert "does not let a client without a user name publish" in (voice.trouble or "")
        voice.health(b"said all the same")
        ear.wait("health", "said all the same")
        rules.write_text(f"topic read edge-engage/#\n{others}topic write {ROOM.engagement}\n")
        broker.process.send_signal(1)
        eventually(lambda: "Reloading config" in broker.log.read_text(), "the list is read again")
        voice.engagement(b"3")
        ear.wait("engagement", "3", "0", "1", "2")
        assert voice.trouble is None
        with Ear(broker.port, ROOM.engagement) as late:
            late.wait("engagement", "3")


def test_a_record_too_large_for_the_broker_does_not_stop_the_others(tmp_path: Path) -> None:
    with (
        Mosquitto(tmp_path, "allow_anonymous true\nmessage_size_limit 1000") as broker,
        Ear(broker.port) as ear,
        Publisher(parse(broker.url), ROOM, expires=30) as voice,
    ):
        for payload in (b"1", b"2" * 2000, b"3"):
            voice.engagement(payload)
        ear.wait("engagement", "1", "3")
        eventually(lambda: voice._outbox.declined == 1, "it is kept aside")


def test_what_a_broker_retains_after_an_outage_is_the_newest(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    voice = Publisher(parse(broker.url), ROOM, expires=30, catch_up=1000)
    voice.start()
    try:
        for number in range(50):
            voice.engagement(json.dumps({"seq": number}).encode())
        with broker, Ear(broker.port, ROOM.engagement) as ear:
            eventually(lambda: voice._outbox.depth == 0, "all are delivered")
            with Ear(broker.port, ROOM.engagement) as late:
                late.wait("engagement", '{"seq": 49}')
                assert [heard.retained for heard in late.heard] == [True]
            assert 0 < int(late.heard[0].expiry) <= 30
            assert ear.said("engagement")
    finally:
        voice.close(0)
