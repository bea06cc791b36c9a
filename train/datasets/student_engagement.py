"""The two-level folders of Kaggle's student engagement set: Engaged and Not engaged, six states below."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample
from train.datasets.names import BINARY
from train.datasets.pictures import checked, folders, pictures, read_picture

__all__ = ["STATES", "matches", "read"]

_GROUPS = {"notengaged": ("lookingaway", "bored", "drowsy"), "engaged": ("confused", "engaged", "frustrated")}
STATES = ("looking away", "bored", "drowsy", "confused", "engaged", "frustrated")
_PLACES = [(group, state) for group, states in _GROUPS.items() for state in states]


def matches(path: Path) -> bool:
    found = folders(path)
    return {_plain(name) for name in found} >= set(_GROUPS) and any(folders(group) for group in found.values())


def read(path: Path, *, labels: str = "binary") -> Dataset:
    """`labels` is "binary" (not engaged, engaged) or "states" (the six subfolders). The set has no split."""
    if labels not in {"binary", "states"}:
        raise Problem(f"{labels!r} is no way to label this set; choose binary or states.")
    samples: list[Sample] = []
    for group_name, group in folders(path).items():
        if _plain(group_name) not in _GROUPS:
            raise Problem(f"{group} is neither `Engaged` nor `Not engaged`.")
        for state_name, folder in folders(group).items():
            place = (_plain(group_name), _plain(state_name))
            if place not in _PLACES:
                raise Problem(f"{folder} is none of the states {', '.join(STATES)} in its group.")
            state = _PLACES.index(place)
            label = state if labels == "states" else int(place[0] == "engaged")
            samples += [Sample(label, str(file), partial(read_picture, file)) for file in pictures(folder)]
    names = STATES if labels == "states" else BINARY
    return checked(Dataset("student-engagement", names, tuple(samples), (), f"student-engagement {path.name}"))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalpha())
