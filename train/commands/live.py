"""`train live RUN|BUNDLE [--source 0|FILE]`: a network's answers about one's own face, on a page of this machine."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from edge.errors import Problem

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Shows the camera's picture, the faces in it and what the network says of each, on a page that only this "
        "machine can open. For one person before their own camera, not for a class. Nothing is stored or sent."
    )
    parser.add_argument("model", type=Path, help="run folder, .keras file or bundle")
    parser.add_argument(
        "--source", default="0", metavar="0|FILE", help="a camera (0, /dev/video0), or a file, which is repeated (0)"
    )
    parser.add_argument("--port", type=_port, default=8090, help="the page's port (8090)")


def run(arguments: argparse.Namespace) -> int:
    if importlib.util.find_spec("train.live") is None:
        raise Problem(
            "`train live` shows single faces, and so no device has it. Run it on your own machine, from a checkout."
        )
    from train.live import live

    return live(arguments.model, arguments.source, arguments.port)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("expected 1 to 65535")
    return int(text)
