from __future__ import annotations

import pytest

from edge.errors import Problem
from edge.publish import Topics, parse


def test_an_address_is_read_with_its_account() -> None:
    address = parse("mqtt://room-1:s%40crt@[::1]")
    assert (address.host, address.port, address.username, address.password) == ("::1", 1883, "room-1", "s@crt")
    assert parse("mqtts://broker.example/").port == 8883
    assert parse("mqtt://u@h", password="from-file").password == "from-file"


def test_an_address_never_shows_its_password() -> None:
    address = parse("mqtt://room-1:s3cret@broker:1884")
    assert "s3cret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    "url",
    [
        "broker",
        "http://broker",
        "mqtt://",
        "mqtt://h:99999",
        "mqtt://h:x",
        "mqtt://h/topic",
        "mqtt://[::1",
        "mqtt://broker..example",
        "mqtt://" + "x" * 64,
    ],
)
def test_a_wrong_address_says_how_to_write_it(url: str) -> None:
    with pytest.raises(Problem, match=r"Write it as mqtt://host:1883 or mqtts://host:8883\."):
        parse(url)


@pytest.mark.parametrize("password", ["s3c/ret", "s3c?ret", "s3c#ret", "12/s3cret", "12#s3cret", "s3c\u2100"])
def test_a_badly_written_password_is_not_shown_and_no_other_host_is_taken(password: str) -> None:
    with pytest.raises(Problem, match=r'"host" is not right.*mqtt\.password_file') as problem:
        parse(f"mqtt://room:{password}@host")
    assert "s3c" not in str(problem.value)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"ca_file": "ca.crt"}, r"no use of mqtt\.ca_file\. .*Write mqtts://h:8883 in mqtt\.url, or take it out"),
        ({"certificate": "a.crt", "key": "a.key"}, r"no use of mqtt\.certificate and mqtt\.key\. .*or take them out"),
        ({"key": "a.key"}, r"no use of mqtt\.key"),
    ],
)
def test_certificates_for_an_address_that_is_not_encrypted_are_refused(files: dict[str, str], words: str) -> None:
    with pytest.raises(Problem, match=words):
        parse("mqtt://room-1@h", password="s3cret", **files)


@pytest.mark.parametrize("name", ["", "a/b", "a b", "#", "+", "-a", "a\n", "ä", "x" * 65])
def test_names_that_would_break_a_topic_are_refused(name: str) -> None:
    with pytest.raises(Problem, match="The room is"):
        Topics("school", name)
    with pytest.raises(Problem, match="The site is"):
        Topics(name, "room")


def test_topics_are_the_contracts() -> None:
    assert Topics("school", "room-1").engagement == "edge-engage/v1/school/room-1/engagement"
