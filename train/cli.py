"""`train`: one command per question about a data set or a network."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from edge.errors import Problem

__all__ = ["COMMANDS", "main", "parser"]

COMMANDS = {
    "audit": ("train.commands.audit", "what does this data set hide? Leaks, twins, conflicts, format"),
    "prepare": ("train.commands.prepare", "find and cut the biggest face of every raw picture"),
    "arrays": ("train.commands.arrays", "write a data set as arrays: one .npz, or the X/Y .npy layout"),
    "pretrain": ("train.commands.pretrain", "train a network from scratch"),
    "transfer": ("train.commands.transfer", "train on from another network's weights"),
    "evaluate": ("train.commands.evaluate", "how well does a network do, and how sure is that?"),
    "explain": ("train.commands.explain", "where does a network look? Grad-CAM, and the share inside the face"),
    "compare": ("train.commands.compare", "is one network better than another on the same samples?"),
    "calibrate": ("train.commands.calibrate", "make its probabilities mean what they say, by people left out"),
    "live": ("train.commands.live", "what does a network say of your own face, now? A page on this machine"),
    "report": ("train.commands.report", "one HTML page about runs, for people"),
}
_LIBRARIES = {"tensorflow", "keras", "sklearn", "h5py", "matplotlib", "scipy", "tqdm", "torch", "jax", "PIL"}


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all is well, 1 when the answer is "do not use this", 2 when something must be mended first."""
    words = list(sys.argv[1:] if argv is None else argv)
    # TensorFlow tells on standard error what it is made of; only what goes wrong is for people.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        arguments = parser(words[:1]).parse_args(words)
        code = arguments.run(arguments)
        sys.stdout.flush()
    except Problem as problem:
        print(f"train: {problem}", file=sys.stderr)
    except BrokenPipeError:
        _unheard()
    except OSError as error:
        what = f"{error.filename} cannot be read or written" if error.filename else "The output could not be written"
        print(f"train: {what}: {error.strerror or error}.", file=sys.stderr)
        _unheard()
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        print(f"train: {library} is not installed. Run: pip install 'edge-engage[train]'", file=sys.stderr)
    except KeyboardInterrupt:
        print("train: stopped", file=sys.stderr)
        return 130
    else:
        return code
    return 2


def parser(asked: Sequence[str]) -> argparse.ArgumentParser:
    """Only the commands that are asked for load what their options need."""
    made = argparse.ArgumentParser(prog="train", description="Train, measure and explain the models of edge-engage.")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, question) in COMMANDS.items():
        command = commands.add_parser(name, help=question, description=question)
        if name in asked:
            loaded = importlib.import_module(module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    return made


def _unheard() -> None:
    """Standard output is full or closed; Python would complain about it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
