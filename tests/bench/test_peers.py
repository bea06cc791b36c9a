"""The comparison with peers: taking turns, ratios, and peers that cannot be had. No peer is installed."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    # The folder of runners has the same name; a module comes before it.
    return importlib.import_module("peers")


@pytest.fixture
def runner(peers, tmp_path, monkeypatch):
    """Start a real process from a few lines that stand where a peer's runner would."""
    monkeypatch.setattr(sys.modules["peer_runner"], "RUNNERS", tmp_path)

    def start(source):
        (tmp_path / "stub.py").write_text(source, encoding="utf-8")
        return peers.Runner(Path(sys.executable), "stub", [])

    return start


ANSWERS = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"frame": line.strip(), "boxes": [[0, 0, 20, 20, 1]], "ms": 30}), flush=True)
"""


def pictures(peers, count):
    faces = np.array([[0, 0, 20, 20], [100, 0, 20, 20]], np.float32)
    return [peers.Picture(Path(f"{n}.png"), faces, np.empty((0, 4), np.float32)) for n in range(count)]


def test_ratio_recall_and_precision_are_of_the_frames_both_saw(peers, runner):
    turns = ((p, [[0, 0, 20, 20, 1], [100, 0, 20, 20, 1], [300, 0, 20, 20, 1]], 10.0) for p in pictures(peers, 9))
    with runner(ANSWERS) as theirs:
        taken = peers._take_turns(theirs, turns, seconds=0, at_least=3)
    row = peers._row(peers.PEERS[0], "detector", taken)
    assert (row.frames, row.faces, row.ratio) == (3, 6, 3)
    assert (row.theirs.recall, row.theirs.precision) == (0.5, 1)
    assert (row.ours.recall, row.ours.precision) == (1, pytest.approx(2 / 3))


def test_a_peer_told_where_the_faces_are_gets_no_recall(peers, runner):
    turns = ((p, [], 10.0) for p in pictures(peers, 2))
    with runner(ANSWERS) as theirs:
        taken = peers._take_turns(theirs, turns, seconds=0, at_least=1)
    peer = next(peer for peer in peers.PEERS if not peer.finds)
    row = peers._row(peer, "pipeline", taken)
    assert row.theirs.recall is None
    assert row.ours.recall == 0
    assert "given" in peers.table([row])


def test_a_peer_that_dies_says_why(peers, runner):
    with runner("raise SystemExit('no such weights')") as theirs, pytest.raises(peers.Absent, match="no such weights"):
        theirs.find(Path("0.png"))


def test_an_absent_peer_stands_in_the_table_with_its_reason(peers, monkeypatch):
    def fails(_):
        raise peers.Absent("cannot be installed: no wheel")

    monkeypatch.setattr(peers, "environment", fails)
    row = peers.compare(peers.PEERS[0], pictures(peers, 1), seconds=0, at_least=1)
    assert row.ratio is None
    assert "cannot be installed: no wheel" in peers.table([row])


def test_every_peer_has_a_runner_that_pins_what_it_needs(peers):
    for peer in peers.PEERS:
        source = (ROOT / "bench" / "peers" / f"{peer.runner}.py").read_text(encoding="utf-8")
        assert "# /// script" in source
        assert "==" in source.split("# ///")[1]
