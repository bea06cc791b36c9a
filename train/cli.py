"""`train`: one command per question about a data set or a network."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from edge.errors import Problem

__all__ = ["main"]

_COMMANDS = {
    "audit": ("train.commands.audit", "what does this data set hide? Leaks, twins, conflicts, format"),
    "prepare": ("train.commands.prepare", "find and cut the biggest face of every raw picture"),
    "arrays": ("train.commands.arrays", "write a data set as arrays: one .npz, or the X/Y .npy layout"),
    "pretrain": ("train.commands.pretrain", "train a network from scratch"),
    "transfer": ("train.commands.transfer", "train on from another network's weights"),
    "evaluate": ("train.commands.evaluate", "how well does a network do, and how sure is that?"),
    "explain": ("train.commands.explain", "where does a network look? Grad-CAM, and the share inside the face"),
    "report": ("train.commands.report", "one HTML page about runs, for people"),
}
_LIBRARIES = {"tensorflow", "keras", "sklearn", "h5py", "matplotlib", "scipy", "tqdm", "torch", "jax", "PIL"}


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all is well, 1 when the answer is "do not use this", 2 when something must be mended first."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="train", description="Train, measure and explain the models of edge-engage.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    try:
        for name, (module, question) in _COMMANDS.items():
            command = commands.add_parser(name, help=question, description=question)
            # Only the command that is asked for loads its libraries.
            if name in words[:1]:
                loaded = importlib.import_module(module)
                loaded.add_arguments(command)
                command.set_defaults(run=loaded.run)
        arguments = parser.parse_args(words)
        return arguments.run(arguments)
    except Problem as problem:
        print(f"train: {problem}", file=sys.stderr)
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        print(f"train: {library} is not installed. Run: pip install 'edge-engage[train]'", file=sys.stderr)
    except KeyboardInterrupt:
        print("train: stopped", file=sys.stderr)
        return 130
    return 2
