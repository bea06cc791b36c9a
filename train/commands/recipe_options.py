"""A recipe's fields as command-line options; what is not given keeps the recipe's own value."""

from __future__ import annotations

import argparse
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec

from train.learning.recipe import Recipe
from train.networks import NETWORKS, network

__all__ = ["add_recipe_options", "read_recipe"]

_HELP = {
    "rate": "highest learning rate",
    "warmup": "epochs until it is reached",
    "smoothing": "label smoothing",
    "mixup": "alpha of mixup; 0 mixes nothing",
    "cap": "most that --class-weights capped gives a class",
    "votes": "weight of a second output that learns the soft labels and is dropped at the end",
    "soft": "share of the soft label in the label",
    "distill": "share of the teacher's answer in the label",
    "rehearsal": "pictures of --rehearse for each new one, and the weight of their loss",
    "averaging": "decay a step of the averaged weights; 0 keeps the last weights",
    "far": "share of the faces that are shown as a camera sees them far away or in poor light",
    "kept": "share of the weights that it began with in those that it ends with",
    "patience": "stop after so many epochs without a better selection score; 0 never",
    "select": "the score on the selection split that chooses the epoch",
    "precision": "bfloat16 is faster on processors that have it",
}


def add_recipe_options(parser: argparse.ArgumentParser, default: Recipe) -> None:
    group = parser.add_argument_group("how it is trained")
    group.add_argument("--network", choices=tuple(NETWORKS), default=default.network)
    for name, kind in get_type_hints(Recipe).items():
        if name in {"network", "votes", "size"}:
            continue
        choices = get_args(kind) if get_origin(kind) is Literal else None
        # The network decides over its normalization, and the command over the rest.
        value = None if name == "normalization" else getattr(default, name)
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=str if choices else kind,
            choices=choices,
            default=value,
            help=f"{_HELP[name]} (default: {value})" if name in _HELP else f"default: {value or 'the network decides'}",
        )
    # `--votes` and `--size` name data options already.
    group.add_argument("--votes-weight", type=float, default=default.votes, help=_HELP["votes"])
    group.add_argument("--side", type=int, help="side of a face in pixels (default: the network decides)")


def read_recipe(arguments: argparse.Namespace) -> Recipe:
    fields = {name: getattr(arguments, name) for name in Recipe.__struct_fields__ if name not in {"votes", "size"}}
    chosen = network(arguments.network)
    fields["normalization"] = fields["normalization"] or chosen.normalization
    return msgspec.convert(
        {**fields, "votes": arguments.votes_weight, "size": arguments.side or chosen.size}, type=Recipe
    )
