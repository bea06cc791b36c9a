"""The command-line options that say which data to read; the same for every `train` command."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import get_args

from edge.errors import Problem
from train.datasets import LAYOUTS, Own, read
from train.datasets.clips import Clips
from train.datasets.dataset import Dataset, Whole
from train.datasets.manifest import Columns
from train.datasets.names import split_name, splits_in_order

__all__ = ["Choice", "add_data_options", "chosen_data", "only", "read_data"]


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
    group.add_argument(
        "--map",
        nargs="+",
        default=[],
        metavar="THEIRS=OURS",
        help="call labels otherwise: phone=low drowsy=low; other= leaves its samples out",
    )
    group.add_argument("--votes", type=Path, help="FER+ votes (fer2013new.csv) for a FER-2013 CSV")
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
    group.add_argument(
        "--whole",
        choices=get_args(Whole),
        default="both",
        help="what a split or fold never divides (default: both, where sessions are named)",
    )
    _add_own_options(parser)
    _add_clip_options(parser)


def _add_own_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what your own table or folder calls things")
    for column in fields(Columns):
        group.add_argument(
            f"--{column.name}-column",
            metavar="NAME",
            help=f"of a CSV (default: {column.default})",
            default=column.default,
        )
    group.add_argument(
        "--subject-pattern",
        metavar="REGEX",
        help=r"one folder a class: who is on a picture, from its path: 'img(\d+)_', or (?P<subject>..) (?P<session>..)",
    )
    group.add_argument("--subjects", type=Path, metavar="CSV", help="the same from a table: path,subject,session")


def _add_clip_options(parser: argparse.ArgumentParser) -> None:
    """None is given as a default: what is asked of a data set without clips must be noticed."""
    group, usual = parser.add_argument_group("how DAiSEE's clips are cut"), Clips()
    group.add_argument("--cache", type=Path, help="folder for the cut sequences (default: beside the labels)")
    group.add_argument("--crop", choices=("face", "frame"), help=f"face crop or whole frame (default: {usual.crop})")
    group.add_argument("--frames", type=int, help=f"frames a sequence; 1 gives pictures (default: {usual.frames})")
    group.add_argument(
        "--stride", type=int, help=f"frames between the starts of two sequences (default: {usual.stride})"
    )
    group.add_argument("--size", type=int, help=f"side of a cut face in pixels (default: {usual.size})")
    group.add_argument("--stratified", action="store_true", default=None, help="the balanced subset, not all clips")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which data, read how. Two equal ones give the same samples."""

    data: Path
    layout: str | None
    labels: str | None
    votes: Path | None
    clips: Clips | None
    by_recording: bool
    divide: tuple[float, ...]
    own: Own
    whole: Whole

    def read(self) -> Dataset:
        from train.audit.divide import by_recording, divided

        dataset = read(
            self.data, layout=self.layout, labels=self.labels, votes=self.votes, clips=self.clips, own=self.own
        )
        dataset = replace(dataset, whole=self.whole)
        if self.by_recording:
            dataset = by_recording(dataset)
        return divided(dataset, self.divide) if self.divide else dataset


def chosen_data(arguments: argparse.Namespace) -> Choice:
    cut = {field.name: getattr(arguments, field.name) for field in fields(Clips)}
    given = {name: value for name, value in cut.items() if value is not None}
    return Choice(
        data=arguments.data,
        layout=arguments.layout,
        labels=arguments.labels,
        votes=arguments.votes,
        clips=Clips(**given) if given else None,
        by_recording=arguments.by_recording,
        divide=tuple(arguments.divide or ()),
        own=Own(
            Columns(**{column.name: getattr(arguments, f"{column.name}_column") for column in fields(Columns)}),
            arguments.subject_pattern,
            arguments.subjects,
            tuple(arguments.map),
        ),
        whole=arguments.whole,
    )


def read_data(arguments: argparse.Namespace) -> Dataset:
    return chosen_data(arguments).read()


def only(dataset: Dataset, split: str | None) -> Dataset:
    """The named split, by ours or its official name; everything where none is named."""
    if split is None:
        return dataset
    part = dataset.only(split_name(split))
    if not part.samples:
        held = [split or "none" for split in splits_in_order(sample.split for sample in dataset.samples)]
        raise Problem(f"{dataset.name} has no sample in split {split!r}; its splits: {', '.join(held)}.")
    return part
