"""What the page makes of its configuration before it starts: the key that it signs with, and what is not safe."""

import pytest

from edge.config import load
from edge.dashboard import app
from edge.errors import Problem
from edge.keys import make_keys, private_key


def served(monkeypatch, **settings):
    given = {}
    monkeypatch.setattr(app, "show", lambda _address, **options: given.update(options) or 0)
    monkeypatch.setattr(app, "check_port", lambda _port: None)
    values = {"mqtt.url": "mqtt://127.0.0.1", **{name.replace("__", "."): value for name, value in settings.items()}}
    assert app.serve(load(None, {}, values)) == 0
    return given["key"]


def test_the_page_signs_with_the_key_it_was_given(monkeypatch, tmp_path):
    make_keys(tmp_path / "command.pem")
    key = served(monkeypatch, dashboard__signing_key=str(tmp_path / "command.pem"))
    assert key.public_key() == private_key(tmp_path / "command.pem").public_key()
    assert served(monkeypatch) is None


def test_a_key_that_cannot_serve_ends_the_start_with_a_sentence(monkeypatch, tmp_path):
    public = make_keys(tmp_path / "command.pem")
    public.chmod(0o600)
    with pytest.raises(Problem, match="is not an unencrypted private key"):
        served(monkeypatch, dashboard__signing_key=str(public))


def test_the_page_too_says_that_its_connection_is_not_encrypted(monkeypatch, caplog):
    served(monkeypatch, mqtt__url="mqtt://broker.example")
    assert "The connection to broker.example is not encrypted" in caplog.text
