"""Read a published data set, whatever its layout, into the one `Dataset`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge.errors import Problem
from train.datasets import classes, engagement_arrays, fer2013, manifest, student_engagement, tables, wacv2016
from train.datasets.clips import Clips
from train.datasets.dataset import Dataset
from train.datasets.mapping import mapped
from train.datasets.own import Own
from train.datasets.pictures import folders

__all__ = ["LAYOUTS", "Clips", "Own", "layout_of", "read"]

LAYOUTS = ("fer2013", "fer2013-folders", "wacv2016", "manifest", "classes", "npy", "student-engagement", "daisee")


def read(
    path: Path,
    *,
    layout: str | None = None,
    labels: str | None = None,
    votes: Path | None = None,
    clips: Clips | None = None,
    own: Own = Own(),  # noqa: B008  # frozen
) -> Dataset:
    """Read `path` in the given layout, or in the one it looks like.

    `labels` chooses among a layout's ways to label: FER-2013 official, majority, soft, votes;
    student-engagement binary, states; DAiSEE binary, levels, three. `clips` is for DAiSEE alone,
    `own` says what one's own table or folder calls things.
    """
    return mapped(_read(path, layout=layout, labels=labels, votes=votes, clips=clips, own=own), own.labels)


def _read(
    path: Path, *, layout: str | None, labels: str | None, votes: Path | None, clips: Clips | None, own: Own
) -> Dataset:
    path = Path(path)
    if not path.exists():
        raise Problem(f"{path} does not exist. Give the file or folder of a data set.")
    layout = layout or layout_of(path, own)
    own.check(path, layout)
    if clips is not None and layout != "daisee":
        raise Problem(
            f"{path} is read as {layout}. Leave out --cache, --crop, --frames, --stride, --size and --stratified: "
            "they cut DAiSEE's clips. (The side of a network's input is --side.)"
        )
    if votes is not None and layout != "fer2013":
        raise Problem(f"{path} is read as {layout}. Leave out --votes: they are for the FER-2013 CSV.")
    if layout == "fer2013":
        return fer2013.read_csv(path, votes=votes, labels=labels or ("soft" if votes else "official"))
    if layout == "student-engagement":
        return student_engagement.read(path, labels=labels or "binary")
    if layout == "daisee":
        return _daisee(path, labels or "binary", clips or Clips())
    plain: dict[str, Callable[[Path], Dataset]] = {
        "fer2013-folders": fer2013.read_folders,
        "wacv2016": wacv2016.read,
        "manifest": partial(manifest.read, columns=own.columns),
        "classes": partial(classes.read, pattern=own.subject_pattern, listed=own.subjects),
        "npy": engagement_arrays.read,
    }
    if layout not in plain:
        raise Problem(f"{layout!r} is no layout; known are {', '.join(LAYOUTS)}.")
    if labels is not None:
        raise Problem(f"The {layout} layout has one way to label; leave out --labels.")
    return plain[layout](path)


def layout_of(path: Path, own: Own = Own()) -> str:  # noqa: B008  # frozen
    """Which published layout a path holds."""
    if path.is_file():
        names = set(tables.header(path))
        if {"emotion", "pixels"} <= names:
            return "fer2013"
        if {own.columns.path, own.columns.label} <= names:
            return "manifest"
        raise Problem(
            f"{path} is neither FER-2013 (columns emotion, pixels, Usage) nor a manifest "
            f"(path, label, subject, split); its columns are {', '.join(sorted(names))}. "
            "Say which is which: --path-column, --label-column, --subject-column, ..."
        )
    return _folder_layout(path)


def _daisee(path: Path, labels: str, clips: Clips) -> Dataset:
    # Video, HDF5 and the face detector are not loaded for pictures.
    from train.datasets import daisee
    from train.datasets.faces import biggest_face

    return daisee.read(path, clips, biggest_face, labels=labels)


def _folder_layout(path: Path) -> str:
    names = set(folders(path))
    if engagement_arrays.matches(path):
        return "npy"
    if {"dataset", "labels"} <= names:
        return "daisee"
    if {"1", "2", "3"} <= names or ("dataset" in names and {"1", "2", "3"} <= set(folders(path / "dataset"))):
        return "wacv2016"
    if student_engagement.matches(path):
        return "student-engagement"
    if {"train", "training"} & names and fer2013.matches(path):
        return "fer2013-folders"
    if classes.matches(path):
        return "classes"
    raise Problem(f"{path} looks like no known data set. Say which with --layout: {', '.join(LAYOUTS)}.")
