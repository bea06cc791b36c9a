"""`train prepare DATA --out FOLDER`: from raw pictures to faces."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from train.commands.data_options import add_data_options, read_data
from train.datasets.faces import biggest_face
from train.datasets.margins import margin_option
from train.datasets.prepare import Kept, prepare

__all__ = ["add_arguments", "run"]

_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_options(parser, positional=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for manifest.csv and faces/; resumable")
    parser.add_argument("--side", type=int, default=112, help="side of a cut face in pixels")
    parser.add_argument(
        "--margin", type=margin_option, default=0.15, help="how much wider than the face box the cut is"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    dataset = read_data(arguments)
    done = prepare(dataset, arguments.out, biggest_face, size=arguments.side, margin=arguments.margin)
    skipped = [(skipped.origin, skipped.reason) for skipped in dataset.skipped]
    if arguments.json:
        result = {
            "manifest": str(done.manifest),
            "found": done.found,
            "no_face": done.missing,
            "skipped": skipped,
            "by_label": {name: kept._asdict() for name, kept in done.by_label.items()},
            "by_subject": {name: kept._asdict() for name, kept in done.by_subject.items()},
        }
        print(msgspec.json.encode(result).decode())
        return 0
    print(f"{done.manifest}: {done.found} faces; none found in {len(done.missing)} pictures, {len(skipped)} unreadable")
    for what, parts in (("label", done.by_label), ("subject", done.by_subject)):
        for line in _losses(what, parts):
            print(line)
    for line in [*done.missing, *(f"{origin}: {reason}" for origin, reason in skipped)][:_SHOWN]:
        print(f"  {line}")
    print(f"All are in {arguments.out / 'prepared.csv'}; an empty path means that no face was found.")
    return 0


def _losses(what: str, parts: dict[str, Kept]) -> list[str]:
    """By label or by subject, the greatest share first; who loses nothing is not listed."""
    losing = sorted(((kept.lost / kept.pictures, name) for name, kept in parts.items() if kept.lost), reverse=True)
    lines = [f"  {name}: {parts[name].lost} of {parts[name].pictures} ({share:.1%})" for share, name in losing[:_SHOWN]]
    more = [f"  and {len(losing) - _SHOWN} more {what}s"] * (len(losing) > _SHOWN)
    return [f"Pictures without a face, by {what}:", *lines, *more] if losing else []
