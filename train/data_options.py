"""The command-line options that say which data to read; the same for every `train` command."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge.errors import Problem
from train.datasets import LAYOUTS, read
from train.datasets.dataset import Dataset
from train.datasets.names import split_name
from train.divide import by_recording, divided

__all__ = ["add_data_options", "only", "read_data"]


def add_data_options(parser: argparse.ArgumentParser, *, positional: bool = False) -> None:
    if positional:
        parser.add_argument("data", type=Path, help="file or folder of a data set, in its published layout")
    else:
        parser.add_argument("--data", type=Path, required=True, help="file or folder of a data set")
    group = parser.add_argument_group("how the data are read")
    group.add_argument("--layout", choices=LAYOUTS, help="default: what the data look like")
    group.add_argument(
        "--labels",
        help=(
            "FER-2013: official, majority, soft, votes; student-engagement: binary, states; "
            "DAiSEE: binary, levels, three"
        ),
    )
    group.add_argument("--votes", type=Path, help="FER+ votes (fer2013new.csv) for a FER-2013 CSV")
    group.add_argument("--cache", type=Path, help="DAiSEE: folder for the cut sequences (default: beside the labels)")
    group.add_argument("--crop", choices=("face", "frame"), default="face", help="DAiSEE: face crop or whole frame")
    group.add_argument("--frames", type=int, default=8, help="DAiSEE: frames a sequence; 1 gives pictures")
    group.add_argument("--stride", type=int, default=16, help="DAiSEE: frames between the starts of two sequences")
    group.add_argument("--size", type=int, default=112, help="DAiSEE: side of a cut face in pixels")
    group.add_argument("--stratified", action="store_true", help="DAiSEE: the balanced subset instead of all clips")
    group.add_argument(
        "--by-recording", action="store_true", help="no subject is named: group pictures that look like one recording"
    )
    group.add_argument(
        "--divide",
        nargs=3,
        type=float,
        metavar=("TRAIN", "VALIDATION", "TEST"),
        help="shares of a new split by whole subjects (or recordings), such as 70 15 15",
    )


def read_data(arguments: argparse.Namespace) -> Dataset:
    dataset = read(
        arguments.data,
        layout=arguments.layout,
        labels=arguments.labels,
        votes=arguments.votes,
        cache=arguments.cache,
        crop=arguments.crop,
        frames=arguments.frames,
        stride=arguments.stride,
        size=arguments.size,
        stratified=arguments.stratified,
    )
    if arguments.by_recording:
        dataset = by_recording(dataset)
    return divided(dataset, arguments.divide) if arguments.divide else dataset


def only(dataset: Dataset, split: str | None) -> Dataset:
    """The named split, by ours or its official name; everything where none is named."""
    if split is None:
        return dataset
    part = dataset.only(split_name(split))
    if not part.samples:
        held = sorted({sample.split or "none" for sample in dataset.samples})
        raise Problem(f"{dataset.name} has no sample in split {split!r}; its splits: {', '.join(held)}.")
    return part
