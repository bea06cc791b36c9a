"""One's own pictures, listed in a CSV: `path,label,subject,session,split`; paths are relative to the CSV.

A column `margin`, the same in every row, says how much wider than the face box the pictures were
cut; `train prepare` writes it. Any further column (age, skin, room, ...) is kept with its sample, so that
`train evaluate --by COLUMN` can measure by group.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

from edge.errors import Problem
from train.datasets.dataset import Dataset, Sample, Skipped
from train.datasets.margins import margin_of
from train.datasets.names import ordered, split_name
from train.datasets.pictures import checked, read_picture
from train.datasets.tables import header, rows

__all__ = ["Columns", "read"]


@dataclass(frozen=True, slots=True)
class Columns:
    """What the table calls its columns."""

    path: str = "path"
    label: str = "label"
    subject: str = "subject"
    session: str = "session"
    split: str = "split"


def read(path: Path, columns: Columns = Columns()) -> Dataset:  # frozen
    """All but path and label may be missing or empty; without a subject nothing can prove that no face leaks."""
    asked = [getattr(columns, one.name) for one in fields(Columns) if getattr(columns, one.name) != one.default]
    needed = list(dict.fromkeys([columns.path, columns.label, *asked]))
    optional = [columns.path, columns.label, columns.subject, columns.session, columns.split, "margin"]
    further = [column for column in header(path) if column and column not in optional]
    read_rows = rows(path, needed, [*optional, *further])
    listed = [(where, values[len(needed) :]) for where, values in read_rows]
    if not listed:
        raise Problem(f"{path} lists no picture.")
    labels = ordered({label for _, (_, label, *_) in listed if label})
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for where, (name, label, subject, session, split, _, *more) in listed:
        if not label:
            raise Problem(f"{where} has no label.")
        file = path.parent / name
        if not _there(file):
            skipped.append(Skipped(where, f"{file} does not exist"))
            continue
        load, part = partial(read_picture, file), split_name(split, where)
        traits = dict(zip(further, more, strict=True))
        samples.append(
            Sample(labels.index(label), where, load, group=subject, split=part, session=session, traits=traits)
        )
    if not samples:
        raise Problem(
            f"{path}: none of the {len(listed)} pictures it lists exists. The first is looked for at "
            f"{path.parent / listed[0][1][0]}: paths in column {columns.path!r} are relative to the CSV's folder."
        )
    # Every folder that `train prepare` makes has a manifest.csv.
    name = path.resolve().parent.name if path.stem == "manifest" else path.stem
    provenance, margin = (
        f"manifest {path.name}",
        _margin([(where, values[len(optional) - 1]) for where, values in listed]),
    )
    return checked(Dataset(name, labels, tuple(samples), tuple(skipped), provenance, margin))


def _there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a name longer than any file's
        return False


def _margin(said: list[tuple[str, str]]) -> float:
    first, margin = said[0][0], margin_of(said[0][1], said[0][0])
    for where, text in said[1:]:
        if margin_of(text, where) != margin:
            raise Problem(
                f"{where} has the margin {text or 0}, {first} has {margin:g}. Pictures that were cut differently are "
                "two data sets: list them in two manifests, or cut all of them with `train prepare`."
            )
    return margin
