"""What the page makes of messages, without a browser."""

import json
import time
from datetime import datetime, timezone

import pytest

from edge.dashboard import drawing
from edge.dashboard.rooms import Rooms
from edge.service import Health, encode

BASE = "edge-engage/v1/school/room-12"


def _record(seq: int, *, at: float, status: str = "ok", **more: object) -> bytes:
    start = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    figures = {"faces": 9, "engaged": 0.5} if status == "ok" else {}
    fixed = {"schema": 1, "seq": seq, "start": start, "seconds": 10, "status": status, "privacy": {"k": 5}}
    return json.dumps({**fixed, **figures, **more}).encode()


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{BASE}/engagement", b"no JSON"),
        (f"{BASE}/engagement", b'{"schema": 1, "seq": "one"}'),
        (f"{BASE}/availability", b"\xff\xfe"),
        (f"{BASE}/state", b"dancing"),
        (f"{BASE}/engagement", b'{"x":' + b"[" * 10_000),
        (f"{BASE}/engagement", _record(1, at=time.time(), start="2026-03-02T10:00:00")),
        (f"{BASE}/engagement", _record(1, at=time.time(), start="0001-01-01T00:00:00Z")),
        (f"{BASE}/engagement", _record(1, at=time.time(), start="9999-12-31T23:59:59Z")),
        (f"{BASE}/engagement", _record(1, at=time.time(), seconds=0)),
        (f"{BASE}/engagement", _record(1, at=time.time(), seconds=-5)),
        (f"{BASE}/engagement", _record(1, at=time.time(), seconds=1e-320)),
        (f"{BASE}/engagement", _record(1, at=time.time(), seconds=1e300)),
        (f"{BASE}/engagement", _record(1, at=time.time(), engaged=7.5)),
        (f"{BASE}/engagement", _record(1, at=time.time(), coverage=-1)),
        (f"{BASE}/engagement", _record(1, at=time.time(), faces=-3)),
        (f"{BASE}/engagement", _record(1, at=time.time(), levels={"low": 2, "mid": 0, "high": 0})),
        (f"{BASE}/engagement", _record(1, at=time.time(), model="m" * 300)),
        (f"{BASE}/health", json.dumps({"last_error": "e" * 20_000}).encode()),
        (f"{BASE}/health", json.dumps({"fps": 1e300}).encode()),
        (f"{BASE}/health", json.dumps({"waiting_records": 10**4000}).encode()),
        ("edge-engage/v1/school/<b>/availability", b"online"),
        (f"edge-engage/v1/school/{'x' * 65}/availability", b"online"),
        ("edge-engage/v2/school/room-12/engagement", b"{}"),
        ("homeassistant/sensor/x/config", b"{}"),
    ],
)
def test_what_is_not_of_the_contract_is_passed_over(topic, payload):
    rooms = Rooms()
    rooms.hear(topic, payload)
    assert rooms.all() == []


def test_what_a_later_version_adds_is_passed_over():
    rooms = Rooms()
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time(), mood_of_the_teacher="fine"))
    assert rooms.all()[0].record.engaged == 0.5


def test_an_old_retained_record_is_not_called_live():
    rooms = Rooms()
    rooms.hear(f"{BASE}/availability", b"online")
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time() - 600), retained=True)
    assert rooms.all()[0].condition(time.monotonic()) == "stale"


def test_a_sensor_whose_clock_is_wrong_is_still_live():
    rooms = Rooms()
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time() - 7200))
    assert rooms.all()[0].condition(time.monotonic()) == "ok"


def test_records_kept_during_an_outage_find_their_place():
    rooms, now = Rooms(), time.time()
    for seq, ago in ((4, 10), (1, 40), (2, 30), (3, 20), (4, 10)):
        rooms.hear(f"{BASE}/engagement", _record(seq, at=now - ago))
    assert [record.seq for record in rooms.all()[0].history] == [1, 2, 3, 4]


def test_a_record_that_waited_through_an_outage_is_not_shown_as_now():
    rooms, now = Rooms(), time.time()
    rooms.hear(f"{BASE}/engagement", _record(9, at=now - 10, status="suppressed"))
    rooms.hear(f"{BASE}/engagement", _record(3, at=now - 70))
    (room,) = rooms.all()
    assert (room.record.seq, [record.seq for record in room.history]) == (9, [3, 9])
    rooms.hear(f"{BASE}/engagement", _record(0, at=now))  # counts anew, as with another disk
    assert rooms.all()[0].record.seq == 0


def test_only_a_lesson_is_kept():
    rooms, now = Rooms(), time.time()
    for seq in range(500):
        rooms.hear(f"{BASE}/engagement", _record(seq, at=now - 10 * (500 - seq)))
    assert len(rooms.all()[0].history) == 360


def test_the_chart_is_broken_where_nothing_was_told():
    rooms, now = Rooms(), time.time()
    for seq, status in enumerate(["ok", "ok", "suppressed", "suppressed", "ok"]):
        rooms.hear(f"{BASE}/engagement", _record(seq, at=now - 10 * (5 - seq), status=status))
    chart = drawing.chart(rooms.all()[0], now)
    assert chart.count("<polygon") == 2
    assert chart.count("<rect") == 2
    assert "Grey: nothing was shown" in chart


def test_of_short_windows_the_whole_lesson_is_drawn_in_one_line_and_no_more_than_that_is_kept():
    rooms, now = Rooms(), time.time()
    for seq in range(4000):
        rooms.hear(f"{BASE}/engagement", _record(seq, at=now - 4000 + seq, seconds=1))
    room = rooms.all()[0]
    assert room.record.seq == 3999
    assert 715 <= len(room.history) <= 720
    assert room.history[-1].end - room.history[0].begin > 3590
    assert drawing.chart(room, now).count("<polygon") == 1


def test_records_that_claim_ever_earlier_times_do_not_pile_up():
    rooms, now = Rooms(), time.time()
    for seq in range(3000):
        rooms.hear(f"{BASE}/engagement", _record(seq, at=now - 10 * seq))
    assert len(rooms.all()[0].history) <= 720


def test_a_record_from_a_far_future_does_not_bring_back_the_past():
    rooms, now = Rooms(), time.time()
    for seq, at in enumerate((now - 20, now + 1e9, now - 10)):
        rooms.hear(f"{BASE}/engagement", _record(seq, at=at))
    assert [record.seq for record in rooms.all()[0].history] == [2]


def test_invented_rooms_are_forgotten_before_one_that_speaks():
    rooms = Rooms()
    for number in range(20_000):
        rooms.hear(f"edge-engage/v1/school/invented-{number}/availability", b"online", retained=True)
        if number % 100 == 0:
            rooms.hear(f"{BASE}/engagement", _record(number, at=time.time()))
    names = [room.name for room in rooms.all()]
    assert len(names) == 200
    assert "room-12" in names
    assert "invented-19999" in names


def test_what_a_sensor_says_of_itself_is_cut_short():
    rooms = Rooms()
    rooms.hear(f"{BASE}/health", json.dumps({"last_error": "e" * 10_000, "throttling": ["hot"] * 500}).encode())
    assert len(drawing.health(rooms.all()[0])) < 700


def test_the_page_says_how_sure_the_figure_is_and_how_many_are_judged():
    rooms = Rooms()
    sure = {"judged": 7, "engaged_low": 0.42, "engaged_high": 0.58}
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time(), **sure))
    room = rooms.all()[0]
    assert "of 100, likely 42 to 58" in drawing.figure(room, "ok")
    assert "<dd>9</dd>" in drawing.facts(room, "ok", time.monotonic())
    assert "<dd>7</dd>" in drawing.facts(room, "ok", time.monotonic())
    assert "<dd>7</dd>" not in drawing.facts(room, "stale", time.monotonic())


@pytest.mark.parametrize("known", [{}, {"engaged_low": None, "engaged_high": None}])
def test_a_sensor_that_does_not_say_how_sure_it_is_is_shown_without(known):
    """One of before, or one whose model was not measured."""
    rooms = Rooms()
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time(), **known))
    assert "of 100<" in drawing.figure(rooms.all()[0], "ok")


def test_the_whole_health_message_of_a_sensor_is_understood():
    message = Health(
        status="running",
        paused_by=None,
        clock="ok",
        purpose="education",
        region="US",
        camera="ok",
        uptime_seconds=60,
        fps=14.9,
        detector_ms=8,
        budget_ms=10,
        dropped_frames=0,
        waiting_records=0,
        oldest_record_seconds=None,
        lost_records=0,
        declined_records=0,
        model="er-int8@3f9c21ab",
        runtime="LiteRT",
        version="0.1.0",
    )
    rooms = Rooms()
    rooms.hear(f"{BASE}/health", encode(message))
    health = rooms.all()[0].health
    assert health is not None
    assert (health.fps, health.detector_ms, health.version) == (14.9, 8.0, "0.1.0")


@pytest.mark.parametrize(
    ("state", "record", "condition", "words"),
    [
        ("paused", "ok", "paused", "Nobody is watched."),
        ("starting", "paused", "starting", "Nobody is watched yet."),
        ("starting", "ok", "starting", "Nobody is watched yet."),
        ("running", "paused", "resumed", "The class is watched."),
        ("running", None, "resumed", "The class is watched."),
        ("running", "ok", "ok", ""),
        (None, "paused", "unheard", "Nothing was heard yet"),
    ],
)
def test_whether_anybody_is_watched_is_told_by_the_sensors_own_state(state, record, condition, words):
    rooms = Rooms()
    rooms.hear(f"{BASE}/availability", b"online")
    if record:
        rooms.hear(f"{BASE}/engagement", _record(1, at=time.time(), status=record))
    if state:
        rooms.hear(f"{BASE}/state", state.encode())
    room = rooms.all()[0]
    assert room.condition(time.monotonic()) == condition
    assert words in drawing.why(room, condition)


@pytest.mark.parametrize(("by", "until"), [("command", " until you resume."), ("schedule", " until the next lesson.")])
def test_a_pause_says_how_long_it_lasts(by, until):
    rooms = Rooms()
    rooms.hear(f"{BASE}/availability", b"online")
    rooms.hear(f"{BASE}/state", b"paused")
    rooms.hear(f"{BASE}/health", json.dumps({"paused_by": by}).encode())
    assert drawing.why(rooms.all()[0], "paused") == f"The camera is closed. Nobody is watched{until}"


def test_after_a_resume_nobody_is_told_that_nobody_is_watched() -> None:
    """The sensor's own word is newer than a record of a window that began before it."""
    rooms = Rooms()
    rooms.hear(f"{BASE}/availability", b"online")
    rooms.hear(f"{BASE}/state", b"paused")
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time() - 10, status="paused"))
    assert rooms.all()[0].condition(time.monotonic()) == "paused"
    for word, condition in ((b"starting", "starting"), (b"running", "resumed")):
        rooms.hear(f"{BASE}/state", word)
        assert rooms.all()[0].condition(time.monotonic()) == condition
    rooms.hear(f"{BASE}/engagement", _record(2, at=time.time() - 1))
    assert rooms.all()[0].condition(time.monotonic()) == "ok"


def test_a_sensor_without_its_camera_is_told_as_starting_and_then_as_blind() -> None:
    rooms = Rooms()
    rooms.hear(f"{BASE}/availability", b"online")
    rooms.hear(f"{BASE}/state", b"starting")
    assert rooms.all()[0].condition(time.monotonic()) == "starting"
    rooms.hear(f"{BASE}/engagement", _record(1, at=time.time() - 10, status="blind"))
    assert rooms.all()[0].condition(time.monotonic()) == "blind"


def test_outside_lessons_a_command_prolongs_the_pause_and_a_resume_is_obeyed_by_waiting():
    rooms = Rooms()
    rooms.hear(f"{BASE}/availability", b"online")
    for by, resumable in (("command", True), ("schedule", False)):
        rooms.hear(f"{BASE}/state", b"paused")
        rooms.hear(f"{BASE}/health", json.dumps({"paused_by": by}).encode())
        room = rooms.all()[0]
        assert (room.resumable, room.obeyed("running"), room.obeyed("paused")) == (resumable, not resumable, True)
    rooms.hear(f"{BASE}/state", b"starting")
    assert rooms.all()[0].obeyed("running")
