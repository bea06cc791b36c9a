"""`train explain RUN --data DATA`: overlay sheets, and the share of attention inside the face."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from edge.errors import Problem
from train.commands.data_options import add_data_options, only, read_data
from train.datasets.faces import biggest_face
from train.files.whole import write_json
from train.judging.scorer import read_facts

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="run folder or .keras file; Grad-CAM needs gradients, so no bundle")
    add_data_options(parser)
    parser.add_argument("--split", help="train, validation or test; default: everything")
    parser.add_argument("--count", type=int, default=60, help="pictures to explain, spread over labels and subjects")
    parser.add_argument("--out", type=Path, help="folder for explain.json and the sheets (default: RUN/explain)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from train.explaining.explain import chosen_samples, explain
    from train.explaining.sheet import sheet
    from train.learning.run import load_model

    if (arguments.model / "card.json").exists():
        raise Problem(f"{arguments.model} is a bundle; Grad-CAM needs gradients. Give the run folder it was made from.")
    dataset = chosen_samples(only(read_data(arguments), arguments.split), arguments.count)
    model = arguments.model if arguments.model.is_dir() else arguments.model.parent
    network, facts = load_model(arguments.model), read_facts(model / "facts.json")
    attention, crops, uncropped = explain(network, facts, dataset, biggest_face())
    folder = arguments.out or model / "explain"
    write_json(folder / "explain.json", attention)
    for name, part in (("crops", crops), ("uncropped", uncropped)):
        if part:
            sheet(part, dataset.labels, facts.output.labels, folder / f"{name}.png")
    if arguments.json:
        print(msgspec.json.encode(attention).decode())
        return 0
    for name, share in (("face crops", attention.crops), ("uncropped", attention.uncropped)):
        if share is None:
            print(f"{name:11} nothing to measure")
        else:
            print(
                f"{name:11} {share.share:.1%} of the attention lies inside the face "
                f"[{share.low:.1%}, {share.high:.1%}], whose area is {share.area:.1%}; {share.pictures} pictures"
            )
    print(f"Sheets and figures: {folder}")
    return 0
