"""The same subjects' pictures cut another way, to train on beside the published ones.

A crop's format can give its label away. Where every picture comes in two cuts, it no longer does.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from edge.errors import Problem
from train.datasets import read
from train.datasets.dataset import Dataset, Sample

__all__ = ["add_also_option", "other_cuts", "with_other_cuts"]


def add_also_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--also",
        type=Path,
        help="the same subjects' pictures cut another way (a manifest of `train prepare`): trained on, never scored",
    )


def other_cuts(dataset: Dataset, path: Path | None) -> tuple[Sample, ...]:
    if path is None:
        return ()
    more = read(path)
    if more.labels != dataset.labels:
        raise Problem(f"{path} is labelled {', '.join(more.labels)}, but {dataset.name} {', '.join(dataset.labels)}.")
    strangers = set(more.groups()) - set(dataset.groups())
    if strangers or "" in more.groups():
        raise Problem(
            f"{path} must name subjects, all of them of {dataset.name}; unknown: {', '.join(sorted(strangers)) or '-'}."
        )
    return more.samples


def with_other_cuts(dataset: Dataset, path: Path | None) -> Dataset:
    if path is None:
        return dataset
    samples = dataset.samples + other_cuts(dataset, path)
    return replace(dataset, samples=samples, provenance=f"{dataset.provenance}; also cut another way: {path.name}")
