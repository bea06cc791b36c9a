"""A bundle for a classroom says which labels are low, mid and high, and that is asked before the work."""

import json

import msgspec
import pytest
from stripes import LABELS, facts

from convert.cli import main


@pytest.fixture
def run(run_folder, tmp_path):
    """The network of stripes, as if it told engagement."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "model.keras").write_bytes((run_folder / "model.keras").read_bytes())
    (folder / "facts.json").write_bytes(msgspec.json.encode(facts(kind="engagement")))
    return folder


def output(folder):
    return json.loads((folder / "card.json").read_bytes())["output"]


def test_labels_of_unknown_meaning_are_refused_before_the_network_is_even_loaded(run, tmp_path, capsys):
    (run / "model.keras").write_text("no network: whoever loads it fails otherwise")
    assert main(["quantize", str(run), "--float32", "-o", str(tmp_path / "made")]) == 2
    said = capsys.readouterr().err
    assert f"which of its labels ({', '.join(LABELS)}) mean low, mid and high" in said
    assert "--levels low=" in said


def test_what_was_said_stands_in_the_card_and_can_be_said_of_a_bundle_later(run, tmp_path):
    made, again = tmp_path / "made", tmp_path / "again"
    words = ["quantize", str(run), "--float32", "-o", str(made), "--levels", "low=flat,mid=down,high=across"]
    assert main(words) == 0
    assert output(made)["levels"] == {"low": ["flat"], "mid": ["down"], "high": ["across"]}
    assert "high engagement: across" in (made / "README.md").read_text()
    words = ["bundle", str(made), "-o", str(again), "--levels", "low=flat", "low=down", "high=across"]
    assert main(words) == 0
    assert output(again)["levels"] == {"low": ["flat", "down"], "high": ["across"]}


def test_labels_that_are_the_levels_are_written_out_by_name(run, tmp_path):
    known = msgspec.structs.replace(facts(kind="engagement").output, labels=("high", "low", "mid"))
    (run / "facts.json").write_bytes(msgspec.json.encode(facts(kind="engagement", output=known)))
    assert main(["quantize", str(run), "--float32", "-o", str(tmp_path / "made")]) == 0
    assert output(tmp_path / "made")["levels"] == {"low": ["low"], "mid": ["mid"], "high": ["high"]}


def test_expressions_have_no_levels(run_folder, tmp_path, capsys):
    words = ["quantize", str(run_folder), "--float32", "-o", str(tmp_path / "made"), "--levels", "low=flat"]
    assert main(words) == 2
    assert "knows no levels" in capsys.readouterr().err
