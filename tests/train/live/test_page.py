"""`train live` in a real browser: one person's clip, a network of single frames and one of sequences."""

from __future__ import annotations

import urllib.error
import urllib.request

import psutil
import pytest
from broker import eventually


def shares(tab) -> list[int]:
    """The first face's, in per cent."""
    return tab.evaluate(
        "[...document.querySelectorAll('#faces li:first-child .share')].map(e => parseInt(e.innerText))"
    )


def test_a_network_of_frames_answers_about_the_face(browser, live_frames, pictures):
    tab = browser.open(live_frames.page)
    tab.wait("%", "#faces", 120)
    said = tab.text("#faces")
    assert "Face 1" in said
    assert "Face 2" not in said
    assert {"disengaged", "engaged"} <= set(said.split("\n"))
    assert 99 <= sum(shares(tab)) <= 101
    tab.wait("each from one frame", "#rates")
    assert tab.text("h1") == "engagement-edge-net"
    assert tab.text("#source") == "portrait.mp4"
    assert tab.evaluate("document.querySelector('#picture').naturalWidth") == 960
    if pictures:
        tab.picture(pictures / "live-frames.png")


def test_a_network_of_sequences_answers_from_the_last_eight_frames_of_the_face(browser, live_sequences, pictures):
    tab = browser.open(live_sequences.page)
    tab.wait("%", "#faces", 240)
    assert {"engaged", "bored", "other"} <= set(tab.text("#faces").split("\n"))
    assert 98 <= sum(shares(tab)) <= 102
    tab.wait("each from a face's last 8 frames", "#rates")
    if pictures:
        tab.picture(pictures / "live-sequences.png")


@pytest.mark.parametrize("kind", ["live_frames", "live_sequences"])
def test_where_the_network_looks_is_shown_if_asked(browser, kind, request, pictures):
    tab = browser.open(request.getfixturevalue(kind).page)
    tab.wait("%", "#faces", 240)
    assert not hot(tab)
    for on in ("true", "false"):
        tab.click("#attention")
        # The program says so, not the button: the page shows what comes back.
        switched = f"document.querySelector('#attention').ariaChecked === '{on}'"
        eventually(lambda switched=switched: tab.evaluate(switched), switched, 60)
        if on == "true":
            eventually(lambda: hot(tab), "the heat is on the picture", 120)
            if pictures:
                tab.picture(pictures / f"{kind}-attention.png")
    eventually(lambda: not hot(tab), "the heat is gone", 60)


def hot(tab) -> bool:
    """Whether there is more red than blue in the picture, which the clip and the faces' frames have nowhere."""
    return tab.evaluate("""(() => {
        const picture = document.querySelector('#picture'), canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
        const pen = canvas.getContext('2d');
        pen.drawImage(picture, 0, 0);
        const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0;
        for (let at = 0; at < data.length; at += 4) count += data[at] - data[at + 2] > 60;
        return count > 100;
    })()""")


def test_the_page_says_that_it_is_not_for_a_class(browser, live_frames):
    tab = browser.open(live_frames.page)
    tab.wait("For one person before their own camera, not for a class.", ".alone")
    assert "Nothing is stored, nothing leaves this machine" in tab.text(".alone")


def test_nothing_leaves_the_machine(browser, live_frames):
    tab = browser.open(live_frames.page)
    tab.wait("%", "#faces", 120)
    assert len(tab.requests) >= 5
    assert [url for url in tab.requests if not url.startswith((live_frames.page, "data:"))] == []
    assert tab.complaints == []
    sockets = psutil.Process(live_frames.process.pid).net_connections("inet")
    assert {socket.laddr.ip for socket in sockets} == {"127.0.0.1"}
    assert {socket.raddr.ip for socket in sockets if socket.raddr} <= {"127.0.0.1"}


@pytest.mark.parametrize("kind", ["live_frames", "live_sequences"])
def test_nothing_is_written_to_disk(browser, kind, request):
    program = request.getfixturevalue(kind)
    tab = browser.open(program.page)
    tab.wait("%", "#faces", 240)
    tab.click("#attention")
    written = [str(file.relative_to(program.home)) for file in program.home.rglob("*") if file.is_file()]
    settings = (".keras/keras.json", ".cache/matplotlib/fontlist")  # Keras' own, and of a library it loads
    assert [name for name in written if not name.startswith(settings)] == []
    held = [file.path for file in psutil.Process(program.process.pid).open_files() if file.mode != "r"]
    assert held == []
    with urllib.request.urlopen(program.page) as answer:
        assert answer.headers["cache-control"] == "no-store"
    tab.click("#attention")


def test_other_sites_in_the_browser_cannot_reach_the_page(live_frames):
    with urllib.request.urlopen(live_frames.page) as answer:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    port = live_frames.port
    strangers = [
        ("picture", {"Host": f"evil.example:{port}"}, "GET", 400),
        ("picture", {"Host": "127.0.0.1"}, "GET", 400),
        ("picture", {"Sec-Fetch-Site": "cross-site"}, "GET", 403),
        ("answers", {"Sec-Fetch-Site": "same-site"}, "GET", 403),
        ("attention/on", {"Origin": "http://evil.example"}, "POST", 403),
        ("attention/on", {"Origin": "null"}, "POST", 403),
        ("secrets", {}, "GET", 404),
        ("../screen.py", {}, "GET", 404),
        ("attention/loud", {}, "POST", 404),
    ]
    for path, headers, method, status in strangers:
        request = urllib.request.Request(live_frames.page + path, headers=headers, method=method)
        with pytest.raises(urllib.error.HTTPError, match=str(status)):
            urllib.request.urlopen(request)


def test_the_page_fits_a_laptop_and_follows_its_colours(browser, live_frames, pictures):
    tab = browser.open(live_frames.page)
    tab.wait("%", "#faces", 120)
    shown = "document.querySelector('#picture').naturalWidth > 0"
    eventually(lambda: tab.evaluate(shown), "the picture is there", 60)
    grounds = set()
    for width, height in ((1366, 700), (1920, 1000), (390, 800)):
        tab.resize(width, height)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            tab.prefer(scheme)
            grounds.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
            if pictures:
                tab.picture(pictures / f"live-{width}-{scheme}.png")
        if width > 1000:
            # Picture, answer and rates are seen without scrolling.
            assert tab.evaluate("document.documentElement.scrollHeight") <= height
    assert len(grounds) == 2


def test_a_person_with_a_screen_reader_finds_their_way(browser, live_frames):
    tab = browser.open(live_frames.page)
    tab.wait("%", "#faces", 120)
    assert tab.evaluate("document.documentElement.lang") == "en-GB"
    assert tab.evaluate("document.querySelectorAll('h1').length") == 1
    assert tab.evaluate("document.querySelectorAll('main').length") == 1
    assert tab.evaluate("document.querySelector('#picture').alt")
    assert tab.evaluate("document.querySelector('#attention').innerText") == "Where it looks"
