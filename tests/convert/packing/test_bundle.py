"""Bundles: the same bytes every time, whole or not there, and trusted only as signed."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from graphs import graph
from stripes import facts

from convert.cli import main
from convert.packing import bundle as packing
from convert.packing.bundle import pack
from edge.errors import Problem
from edge.keys import make_keys
from edge.model.bundle import load
from edge.model.card import CARD_VERSION, Input, Quantization

INT8 = Quantization(dtype="int8", method="for a test")
MODEL, OLD, NEW = (graph((1, 16, 16, 1), (1, 3), value=value) for value in (0.5, 0.1, 0.2))


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_same_input_gives_the_same_bytes(tmp_path):
    first = pack(tmp_path / "a", facts(), INT8, {"model.tflite": MODEL, "extra.bin": b"more"})
    second = pack(tmp_path / "b", facts(), INT8, {"extra.bin": b"more", "model.tflite": MODEL})
    assert contents(first) == contents(second)


def test_the_card_states_its_version_and_every_file(tmp_path):
    made = pack(tmp_path / "a", facts(), INT8, {"model.tflite": MODEL})
    card = json.loads((made / "card.json").read_bytes())
    assert card["card"] == CARD_VERSION
    assert set(card["files"]) == {file.name for file in made.iterdir()} - {"card.json"}


def test_a_new_bundle_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path):
    pack(tmp_path / "a", facts(), INT8, {"model.tflite": OLD, "gone.bin": b""})
    pack(tmp_path / "a", facts(), INT8, {"model.tflite": NEW})
    assert (tmp_path / "a" / "model.tflite").read_bytes() == NEW
    assert not (tmp_path / "a" / "gone.bin").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_where_folders_cannot_change_places_a_new_bundle_replaces_the_old_one_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(packing, "exchange", lambda _first, _second: False)
    test_a_new_bundle_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path)


KILLED = """
import itertools, os, sys
from pathlib import Path
from graphs import graph
from stripes import facts
from convert.packing.bundle import pack
from edge.model.bundle import load
from edge.model.card import Quantization

place, done = Path(sys.argv[1]) / "a", Quantization(dtype="int8", method="for a test")
old, new = (graph((1, 16, 16, 1), (1, 3), value=value) for value in (0.1, 0.2))
pack(place, facts(), done, {"model.tflite": old})
step, seen = 0, []
while seen[-1:] != ["whole"]:
    step += 1
    child = os.fork()
    if not child:
        left = itertools.chain(range(step - 1, -1, -1), itertools.repeat(1))
        mine = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.")
        sys.addaudithook(lambda event, _: event.startswith(mine) and not next(left) and os.kill(os.getpid(), 9))
        pack(place, facts(), done, {"model.tflite": new})
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, 9)
    model = load(place, kind="expressions").model
    assert model in (old, new)
    seen.append("whole" if os.WIFEXITED(status) else "new" if model == new else "old")
print(*seen)
"""


def test_a_killed_packing_leaves_a_whole_bundle_at_every_step(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": "tests:."}
    )
    assert done.returncode == 0, done.stderr
    seen = done.stdout.split()
    assert "old" in seen
    assert "new" in seen
    assert seen[-1] == "whole"


@pytest.mark.parametrize(
    ("given", "output", "words"),
    [
        ((1, 16, 16, 3), (1, 3), "1x16x16x3"),
        ((3, 16, 16, 1), (3, 3), "3x16x16x1"),
        ((1, 16, 16, 1), (1, 4), "for 3 labels"),
    ],
)
def test_what_the_device_cannot_run_is_not_packed(tmp_path, given, output, words):
    with pytest.raises(Problem, match=f"stripes cannot work: .*{words}"):
        pack(tmp_path / "a", facts(), INT8, {"model.tflite": graph(given, output)})
    with pytest.raises(Problem, match=r"holds a model\.tflite, and none was given"):
        pack(tmp_path / "a", facts(), INT8, {})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_no_bundle_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Problem, match="is not a bundle; it is left alone"):
        pack(tmp_path, facts(), INT8, {"model.tflite": MODEL})
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_file_name_cannot_leave_the_bundle(tmp_path):
    with pytest.raises(Problem, match="plain file name"):
        pack(tmp_path / "a", facts(), INT8, {"../model.tflite": MODEL})
    assert not list(tmp_path.iterdir())


def on_a_full_disk(*words, room):
    """`convert` with so many bytes left: past them the kernel refuses to write, as it does when the disk is full."""
    return subprocess.run(
        [sys.executable, "-m", "convert.cli", *map(str, words)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_a_full_disk_leaves_the_old_bundle_and_nothing_half_written(tmp_path, bundle):
    old = pack(tmp_path / "a", facts(), INT8, {"model.tflite": OLD})
    before = contents(old)
    done = on_a_full_disk("bundle", bundle, "-o", old, room=4096)
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(old) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_full_disk_leaves_no_half_of_a_key_pair(tmp_path):
    done = on_a_full_disk("keys", "-o", tmp_path / "key.pem", room=0)
    assert done.returncode == 2
    assert "key.pem could not be written" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_output_to_a_full_disk_is_explained(bundle):
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device, not a file
        command = [sys.executable, "-m", "convert.cli", "inspect", str(bundle)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "could not be written: No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.fixture
def key(tmp_path):
    return make_keys(tmp_path / "key.pem").with_name("key.pem")


def test_a_signed_bundle_is_accepted_by_the_device(bundle, tmp_path, key):
    signed = tmp_path / "signed"
    assert main(["bundle", str(bundle), "--sign", str(key), "-o", str(signed)]) == 0
    assert load(signed, kind="expressions", public_key=key.with_suffix(".pub.pem")).model
    assert contents(signed).keys() == contents(bundle).keys() | {"card.sig"}
    assert (signed / "card.json").read_bytes() == (bundle / "card.json").read_bytes()


def test_a_bundle_edited_after_signing_is_refused(bundle, tmp_path, key):
    signed = tmp_path / "signed"
    main(["bundle", str(bundle), "--sign", str(key), "-o", str(signed)])
    card = json.loads((signed / "card.json").read_bytes()) | {"intended_use": "Anything."}
    (signed / "card.json").write_text(json.dumps(card))
    with pytest.raises(Problem, match="edited after signing"):
        load(signed, kind="expressions", public_key=key.with_suffix(".pub.pem"))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"not a key", "not an unencrypted private key"), (None, "cannot be read")],
)
def test_a_bad_signing_key_is_explained(bundle, tmp_path, capsys, content, message):
    if content is not None:
        (tmp_path / "key.pem").write_bytes(content)
        (tmp_path / "key.pem").chmod(0o600)
    made = tmp_path / "signed"
    assert main(["bundle", str(bundle), "--sign", str(tmp_path / "key.pem"), "-o", str(made)]) == 2
    assert message in capsys.readouterr().err
    assert not made.exists()


def test_a_key_is_never_replaced_and_kept_from_others(key):
    secret = key.read_bytes()
    assert main(["keys", "-o", str(key)]) == 2
    assert key.read_bytes() == secret
    assert key.stat().st_mode & 0o077 == 0


def test_a_bundle_can_be_made_of_a_tflite_file_and_facts(bundle, run_folder, tmp_path):
    made = tmp_path / "packed"
    model = bundle / "model.tflite"
    assert main(["bundle", str(run_folder), "--model", str(model), "-o", str(made)]) == 0
    assert load(made, kind="expressions").card.quantization.dtype == "int8"


def test_a_damaged_bundle_is_not_signed(tmp_path, capsys, key):
    copy = Path(pack(tmp_path / "a", facts(), INT8, {"model.tflite": MODEL}))
    (copy / "model.tflite").write_bytes(b"other")
    assert main(["bundle", str(copy), "--sign", str(key), "-o", str(tmp_path / "b")]) == 2
    assert "does not match its card" in capsys.readouterr().err


def test_a_network_for_colours_is_refused_before_the_long_work(run_folder, tmp_path, capsys):
    colours = facts(input=Input(width=16, height=16, channels=3, normalization="standard"))
    (tmp_path / "facts.json").write_bytes(msgspec.json.encode(colours))
    words = ["--float16", "--facts", str(tmp_path / "facts.json"), "-o", str(tmp_path / "made")]
    assert main(["quantize", str(run_folder), *words]) == 2
    assert "stripes cannot work on the device: faces are cut out square and grey" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()
