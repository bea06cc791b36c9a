"""What a training says before it starts, while it runs, and of the network it leaves behind."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import pytest
from layouts import face, picture, write_csv
from msgspec.structs import replace
from shapes import QUICK, shapes
from tqdm import tqdm

from edge.model.card import Metric
from train.cli import main
from train.judging.scorer import read_facts
from train.learning.checkpoint import Epoch
from train.learning.estimate import estimated

SMALL = ["--network", "edge-net", "--side", "16", "--epochs", "2", "--batch", "8"]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Sixteen people in two splits."""
    folder, rows = tmp_path_factory.mktemp("people"), []
    for n in range(16):
        picture(folder / f"{n}.png", face(n, n % 3))
        rows.append((f"{n}.png", ("low", "mid", "high")[n % 3], f"s{n}", "validation" if n > 9 else "train"))
    return write_csv(folder / "manifest.csv", ("path", "label", "subject", "split"), rows)


@pytest.fixture(scope="module")
def learned(data, tmp_path_factory):
    """A run, and what was printed of it."""
    import contextlib
    import io

    folder, out, err = tmp_path_factory.mktemp("learned") / "run", io.StringIO(), io.StringIO()
    words = ["pretrain", f"--data={data}", "--allow", "--out", str(folder), "--select", "last", *SMALL]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr("train.learning.fit.tqdm", lambda *given, **how: tqdm(*given, **{**how, "delay": 0}))
        patch.setattr(sys, "argv", ["train", *words])
        assert main(words) == 0
    return folder, out.getvalue(), err.getvalue()


def test_a_card_claims_no_licence_that_nobody_gave_and_tells_no_place(learned, data):
    facts = read_facts(learned[0] / "facts.json")
    assert facts.licence.startswith("not stated")
    assert "Apache" not in facts.licence
    text = (learned[0] / "facts.json").read_text()
    assert str(data.parent) not in text
    assert str(learned[0].parent) not in text
    assert facts.training.command.startswith("train pretrain --data=manifest.csv --allow --out run")


def test_what_its_owner_says_of_a_network_stands_in_its_card(learned, data):
    said = {"licence": "ours alone", "name": "hall-7", "origin": "our own class", "intended_use": "our own rooms"}
    words = [word for name, text in said.items() for word in (f"--{name.replace('_', '-')}", text)]
    before = read_facts(learned[0] / "facts.json")
    run = ["pretrain", "--data", str(data), "--allow", "--out", str(learned[0]), "--select", "last", *SMALL]
    assert main([*run, *words]) == 0  # the run is finished: only its card is written anew
    facts = read_facts(learned[0] / "facts.json")
    assert {name: getattr(facts, name) for name in said} == said
    assert facts.training.parameters == before.training.parameters
    # What was measured since stays, and what was said, when it is started once more.
    measured = Metric(name="calibration error", value=0.1, data="people", split="3-folds")
    calibrated = replace(facts, metrics=(*facts.metrics, measured), output=replace(facts.output, temperature=1.5))
    (learned[0] / "facts.json").write_bytes(msgspec.json.encode(calibrated))
    assert main(run) == 0
    again = read_facts(learned[0] / "facts.json")
    assert again == replace(calibrated, training=again.training)


def test_progress_goes_to_standard_error_and_no_bar_into_a_log(learned):
    _, out, err = learned
    assert "epoch 2 of 2: loss" in err
    assert "on the validation split" in err
    assert "\r" not in err
    assert "step/s" not in err
    assert "epoch" not in out


def test_the_last_epoch_is_said_to_be_the_last_one(learned):
    metrics = read_facts(learned[0] / "facts.json").metrics
    notes = {metric.note for metric in metrics if metric.split == "validation"}
    assert notes == {"epoch 2 of 2, the last one"}


def test_splits_are_told_in_the_order_of_their_use(learned):
    audited = json.loads((learned[0] / "audit" / "audit.json").read_bytes())
    assert list(audited["by_split"]) == ["train", "validation"]


def test_a_dry_run_says_how_long_and_writes_nothing(data, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["pretrain", "--data", str(data), "--allow", "--out", str(out), "--dry-run", *SMALL]) == 0
    said = capsys.readouterr().out
    assert "16 samples" in said
    assert "edge-net, 2 epochs: about under a minute on this machine" in said
    assert not out.exists()


def test_a_dry_run_of_folds_needs_folds(data, capsys):
    assert main(["evaluate", "--data", str(data), "--dry-run"]) == 2
    assert "without --folds nothing is trained" in capsys.readouterr().err


@pytest.mark.parametrize(("samples", "batch"), [(960, 16), (40, 16)])
def test_the_estimate_is_that_of_all_samples_and_all_epochs(samples, batch, tmp_path):
    seen = []

    def train(dataset, folder, recipe, _audit):
        """A machine that takes 10 ms a sample, and a minute for the first epoch."""
        seen.append((len(dataset), recipe.epochs))
        assert folder.exists()
        assert folder != tmp_path
        seconds = 0.01 * len(dataset.for_training())
        return [Epoch(epoch=n, loss=1, accuracy=0, seconds=60 if n == 1 else seconds) for n in (1, 2)]

    dataset = shapes(samples)
    recipe = replace(QUICK, epochs=30, batch=batch)
    expected = 30 * 0.01 * len(dataset.for_training())
    assert estimated(train, dataset, recipe) == pytest.approx(expected, rel=0.01)
    assert seen[0][1] == 2
    assert seen[0][0] <= 16 * batch * 4 / 3 + 2
