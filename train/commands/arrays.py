"""`train arrays DATA -o OUT`: what `convert` calibrates on, and what other programs train on."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from train.commands.data_options import add_data_options, only, read_data
from train.datasets import engagement_arrays
from train.datasets.arrays import to_arrays
from train.datasets.margins import margin_option
from train.files.whole import whole
from train.seeing.camera import as_seen
from train.seeing.conditions import draw

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_options(parser, positional=True)
    parser.add_argument(
        "-o", "--out", type=Path, required=True, help="FILE.npz, or a folder for X/Y_{train,val,test}.npy"
    )
    parser.add_argument("--side", type=int, default=48, help="side of a face in pixels")
    parser.add_argument("--margin", type=margin_option, default=0.0, help="how much wider than the picture the cut is")
    parser.add_argument(
        "--far", type=float, default=0.0, metavar="SHARE", help="of the faces: as seen far away or in poor light (.npz)"
    )
    parser.add_argument("--split", help="only this split (.npz)")
    parser.add_argument(
        "--engaged", nargs="+", default=["engaged"], metavar="LABEL", help="labels that count as engaged (.npy folder)"
    )


def run(arguments: argparse.Namespace) -> int:
    dataset = only(read_data(arguments), arguments.split)
    if arguments.out.suffix != ".npz":
        for file in engagement_arrays.write(dataset, arguments.out, engaged=arguments.engaged, size=arguments.side):
            print(file)
        return 0
    arrays = to_arrays(dataset, size=arguments.side, margin=arguments.margin)
    if arguments.far:
        rng = np.random.default_rng(0)
        arrays = arrays._replace(x=as_seen(arrays.x, draw(len(arrays.x), rng, share=arguments.far), rng))
    splits = np.array([sample.split for sample in dataset.samples])
    with whole(arguments.out) as half:
        np.savez_compressed(half, **arrays._asdict(), split=splits, labels=np.array(dataset.labels))
    print(f"{arguments.out}: {len(dataset)} samples of {', '.join(dataset.labels)}; {len(dataset.skipped)} skipped")
    return 0
