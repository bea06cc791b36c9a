"""One's own pictures, one folder a class, perhaps below train, validation and test; who is on a picture is told by
its name (a pattern) or by a CSV.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped, Split
from train.datasets.names import is_split, ordered, split_name
from train.datasets.pictures import checked, folders, pictures, read_picture
from train.datasets.tables import rows

__all__ = ["matches", "read"]

_Who = Callable[[str], "tuple[str, str] | None"]
"""Subject and session from a picture's path below the data set's folder; None where it tells nothing."""


def matches(path: Path) -> bool:
    return any(pictures(folder) for folder in folders(path).values())


def read(path: Path, *, pattern: str | None = None, listed: Path | None = None) -> Dataset:
    """`pattern` is a regular expression searched in `class/file.jpg`: its first group, or the one named `subject`, is
    the subject, one named `session` the session. `listed` is a CSV with the columns path, subject and perhaps session.
    """
    if pattern and listed:
        raise Problem("Give --subject-pattern or --subjects, not both.")
    who, unused = _by_pattern(pattern) if pattern else _by_list(listed) if listed else (_nobody, dict[str, str]())
    labels = ordered({folder.name for _, folder in _classes(path)})
    samples: list[Sample] = []
    skipped = [Skipped(str(file), "lies in no class folder") for file in sorted(path.iterdir()) if file.is_file()]
    for split, folder in _classes(path):
        for file in pictures(folder):
            name = file.relative_to(path).as_posix()
            told = who(name)
            if told is None:
                how = f"is not listed in {listed}" if listed else f"does not match --subject-pattern {pattern}"
                skipped.append(Skipped(str(file), f"its name {how}"))
                continue
            load, label = partial(read_picture, file), labels.index(folder.name)
            samples.append(Sample(label, str(file), load, group=told[0], split=split, session=told[1]))
            unused.pop(name, None)
    if not samples:
        raise Problem(f"None of the {len(skipped)} files in {path} can be used. The first: {_first(skipped)}.")
    skipped += [Skipped(where, f"{name} is no picture in a class folder of {path}") for name, where in unused.items()]
    return checked(Dataset(path.name, labels, tuple(samples), tuple(skipped), f"folder {path.name}, one class each"))


def _classes(path: Path) -> Iterator[tuple[Split, Path]]:
    """The class folders, each with its split."""
    found = folders(path)
    if found and all(map(is_split, found)):
        for name, part in found.items():
            yield from ((split_name(name), folder) for folder in folders(part).values())
    else:
        yield from (("", folder) for folder in found.values())


def _nobody(_name: str) -> tuple[str, str]:
    return "", ""


def _by_pattern(text: str) -> tuple[_Who, dict[str, str]]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise Problem(f"--subject-pattern {text} is no regular expression: {error}.") from None
    named = pattern.groupindex
    if not pattern.groups:
        raise Problem(f"--subject-pattern {text} has no group. Put brackets around the subject, such as 'img(\\d+)_'.")
    subject = named.get("subject", 1)

    def who(name: str) -> tuple[str, str] | None:
        found = pattern.search(name)
        if found is None:
            return None
        return found[subject] or "", (found["session"] or "") if "session" in named else ""

    return who, {}


def _by_list(file: Path) -> tuple[_Who, dict[str, str]]:
    told: dict[str, tuple[str, str]] = {}
    lines: dict[str, str] = {}
    for where, (name, subject, session) in rows(file, ("path", "subject"), ("session",)):
        if name in told:
            raise Problem(f"{where} lists {name} again. Each picture has one row.")
        told[name], lines[name] = (subject, session), where
    return told.get, lines


def _first(skipped: list[Skipped]) -> str:
    return f"{skipped[0].origin}: {skipped[0].reason}" if skipped else "there is no picture"
