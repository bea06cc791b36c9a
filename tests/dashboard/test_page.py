"""The page in a real browser, fed by a real broker."""

import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from broker import Ear, Mosquitto, eventually, free_port

WORDS = {
    "suppressed": "Fewer than 5 people are in view",
    "paused": "The camera is closed",
    "blind": "The camera sees nothing",
}


def test_an_empty_page_says_what_it_waits_for(browser, page):
    tab = browser.open(page)
    tab.wait("Nothing was heard yet of what the sensor does now")
    assert tab.text("h1") == "room-12"
    assert tab.text(".trouble") == ""


def test_a_record_is_shown(browser, page, sensor):
    tab = browser.open(page)
    sensor.say("availability", "online")
    sensor.record(ago=20)
    tab.wait("67", ".gauge b")
    tab.wait("Live", "[role=status]")
    for words in ("Low", "20%", "Middle", "30%", "High", "50%"):
        assert words in tab.text(".keys")
    assert "of 100, likely 31 to 78" in tab.text(".gauge")
    assert "12" in tab.text(".facts")
    assert "9" in tab.text(".facts")
    assert "93%" in tab.text(".facts")
    sensor.record(engaged=0.41)
    tab.wait("41", ".gauge b")
    assert "from 41% to 67%, now 41%" in tab.evaluate("document.querySelector('.plot').ariaLabel")


def test_health_is_one_line(browser, page, sensor):
    sensor.say("health", {"camera": "ok", "fps": 14.6, "detector_ms": 31.2, "temperature_c": 52.1, "version": "0.1.0"})
    browser.open(page).wait("14.6 frames a second · detector 31 ms · 52 °C · version 0.1.0", ".health")


def test_a_withheld_window_shows_no_figure_but_why(browser, page, sensor):
    sensor.say("availability", "online")
    sensor.record()
    tab = browser.open(page)
    tab.wait("67", ".gauge b")
    for status, words in WORDS.items():
        sensor.say("state", "paused" if status == "paused" else "running")
        sensor.record(status)
        tab.wait(words, ".rest")
        assert tab.text(".gauge") == ""
        assert tab.text(".keys") == ""
        assert "12" not in tab.text(".facts")


def test_an_offline_sensor_is_called_offline(browser, page, sensor):
    sensor.record()
    sensor.say("availability", "offline")
    tab = browser.open(page)
    tab.wait("Offline", "[role=status]")
    assert tab.evaluate("document.querySelector('button.pause').disabled")


def test_pause_and_resume_go_through_the_broker(browser, page, sensor, mosquitto):
    sensor.say("availability", "online")
    sensor.say("state", "running")
    sensor.record()
    tab = browser.open(page)
    tab.wait("Pause", "button.pause")
    with Ear(mosquitto.port, f"{sensor.base}/command") as ear:
        sensor.say("command", "ready")  # heard, so the ear listens
        ear.wait("command", "ready")
        tab.click("button.pause")
        ear.wait("command", "pause")
        tab.wait("Pausing", "button.pause")
        sensor.say("state", "paused")  # what a sensor answers
        tab.wait("Resume", "button.pause")
        tab.wait(WORDS["paused"], ".rest")
        tab.click("button.pause")
        ear.wait("command", "resume")
        sensor.record("paused")  # of the window in which it was resumed
        sensor.say("state", "starting")
        tab.wait("Nobody is watched yet", ".rest")
        tab.wait("Pause", "button.pause")
        sensor.say("state", "running")
        tab.wait("The class is watched", ".rest")
        assert "Nobody" not in tab.text(".rest")
        sensor.record()
        tab.wait("67", ".gauge b")


def test_the_page_asks_nobody_else_for_anything(browser, page):
    tab = browser.open(page)
    tab.wait("room-12", "h1")
    tab.prefer("dark")
    tab.evaluate("1")
    host = page.removeprefix("http:").strip("/")
    strangers = [
        url for url in tab.requests if not url.startswith((f"http://{host}/", f"ws://{host}/", "data:", "blob:"))
    ]
    assert len(tab.requests) > 5
    assert strangers == []
    assert tab.complaints == []


def test_what_a_broker_says_is_text_and_never_markup(browser, page, sensor):
    evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'
    sensor.say("health", {"model": evil, "last_error": evil, "camera": evil})
    tab = browser.open(page)
    tab.wait(evil, ".health")
    assert tab.evaluate("window.broken") is None


def test_hostile_messages_leave_the_page_alive(browser, page, sensor):
    sensor.say("availability", "online")
    sensor.record(engaged=0.52)
    tab = browser.open(page)
    tab.wait("52", ".gauge b")
    for wrong in ({"start": "2026-03-02T10:00:00"}, {"start": "0001-01-01T00:00:00Z"}, {"seconds": 0}, {"seconds": -5}):
        sensor.record(engaged=0.99, **wrong)
    sensor.say("engagement", '{"x":' + "[" * 10_000)
    sensor.record(engaged=0.43)
    tab.wait("43", ".gauge b")
    assert "99%" not in tab.evaluate("document.querySelector('.plot').ariaLabel")


def test_other_sites_in_the_browser_cannot_reach_the_page(page):
    with urllib.request.urlopen(page) as answer:
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    stranger = urllib.request.Request(page, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(stranger)


def test_a_person_with_a_screen_reader_finds_their_way(browser, page, sensor):
    sensor.say("availability", "online")
    sensor.record()
    tab = browser.open(page)
    tab.wait("67", ".gauge b")
    assert tab.evaluate("document.documentElement.lang") == "en-GB"
    assert tab.evaluate("document.querySelectorAll('h1').length") == 1
    assert tab.evaluate("document.querySelectorAll('main').length") == 1
    assert tab.evaluate("document.querySelector('.gauge').ariaLabel") == "Engagement now: 67%"


def test_the_page_fits_every_screen_and_follows_its_colours(browser, page, sensor, pictures):
    sensor.say("availability", "online")
    for number in range(3):
        sensor.record(ago=10 * (3 - number))
    tab = browser.open(page)
    tab.wait("67", ".gauge b")
    grounds = set()
    for width in (360, 768, 1600):
        tab.resize(width, 900)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            tab.prefer(scheme)
            grounds.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
            if pictures:
                tab.picture(pictures / f"page-{width}-{scheme}.png")
    assert len(grounds) == 2


def test_a_broker_that_is_away_is_named_and_found_again(browser, serve, tmp_path):
    port = free_port()
    tab = browser.open(serve(f"mqtt://127.0.0.1:{port}"))
    tab.wait(f"The broker mqtt://127.0.0.1:{port} cannot be reached. Trying again.", ".trouble")
    with Mosquitto(tmp_path, port=port):
        eventually(lambda: tab.text(".trouble") == "", "the trouble is over", 60)
    tab.wait("was lost", ".trouble")


def test_a_broker_that_refuses_the_page_is_named(browser, serve, tmp_path):
    with Mosquitto(tmp_path, "listener PORT 127.0.0.1\nallow_anonymous false") as locked:
        tab = browser.open(serve(locked.url))
        tab.wait("refuses this page: Not authorized", ".trouble")


def test_every_room_can_be_chosen(browser, mosquitto, serve, make_sensor):
    for room, engaged in (("room-3", 0.31), ("room-4", 0.44)):
        teller = make_sensor(room)
        teller.say("availability", "online")
        teller.record(engaged=engaged)
    tab = browser.open(serve(mosquitto.url, every_room=True))
    tab.wait("school/room-4", ".picker")
    tab.evaluate("[...document.querySelectorAll('.picker button')].find(b => b.innerText.includes('room-4')).click()")
    tab.wait("44", ".gauge b")
    assert tab.text("h1") == "room-4"


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge.cli", "dashboard", *arguments], capture_output=True, text=True, check=False
    )


def test_without_a_broker_or_with_a_busy_port_the_command_says_so(page, mosquitto):
    done = _command()
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no broker to listen to" in done.stderr
    port = page.rsplit(":", 1)[1].strip("/")
    done = _command("--mqtt", mosquitto.url, "--port", port)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot use port {port}" in done.stderr
