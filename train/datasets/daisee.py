"""DAiSEE: `DataSet/<split>/<subject>/<clip>/<clip>.avi` and `Labels/<split>Labels.csv`, as it is published.

Labels call every clip `.avi`, though some are `.mp4`: clips are matched by base name. Labels
without a clip, clips without a label, broken clips and clips whose ratings tie are all listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge.closeups import Finder
from edge.errors import Problem
from train.datasets.clips import Clips
from train.datasets.daisee_labels import Ratings, label_of, names, subset
from train.datasets.dataset import Dataset, Sample, Skipped, Split
from train.datasets.names import split_name
from train.datasets.pictures import folders
from train.datasets.sequences import Extracted, extract, load
from train.datasets.tables import rows

__all__ = ["read"]

_SPLITS = ("Train", "Validation", "Test")
_VIDEO = {".avi", ".mp4"}
_COLUMNS = ("ClipID", "Boredom", "Engagement", "Confusion", "Frustration")


@dataclass(frozen=True, slots=True)
class _Clip:
    where: str
    file: Path
    subject: str
    split: Split
    ratings: Ratings


def read(
    path: Path,
    clips: Clips,
    finders: Callable[[], Finder],
    *,
    labels: str = "binary",
    seed: int = 0,
) -> Dataset:
    """Every sequence of every usable clip, cut once and kept in the cache; the rest is in `skipped`."""
    label_names = names(labels)
    rated, skipped = _clips(path)
    if clips.stratified:
        kept = subset([(clip.split, clip.subject, clip.ratings) for clip in rated], seed=seed)
        rated = [rated[row] for row in kept]
    labelled: list[tuple[_Clip, int]] = []
    for clip in rated:
        label = label_of(clip.ratings, labels)
        if label is None:
            skipped.append(Skipped(clip.where, "three or four ratings tie"))
        else:
            labelled.append((clip, label))
    cache = clips.cache or path / f"sequences-{clips.crop}-{clips.size}-{clips.frames}"
    extracted = extract([clip.file for clip, _ in labelled], cache, clips, finders)
    samples: list[Sample] = []
    for (clip, label), result in zip(labelled, extracted, strict=True):
        if isinstance(result, Extracted):
            samples += [
                Sample(label, f"{clip.file}#{n}", partial(load, result.file, n), group=clip.subject, split=clip.split)
                for n in range(result.count)
            ]
        else:
            skipped.append(Skipped(str(clip.file), result))
    if not samples:
        raise Problem(f"No clip of {path} can be used. The first reason: {skipped[0].reason if skipped else 'none'}.")
    made = f"DAiSEE {labels}{', stratified subset, seed ' + str(seed) if clips.stratified else ''}; {clips}"
    return Dataset("DAiSEE", label_names, tuple(samples), tuple(skipped), made)


def _clips(path: Path) -> tuple[list[_Clip], list[Skipped]]:
    top = folders(path)
    if not {"dataset", "labels"} <= set(top):
        raise Problem(f"{path} has no folders DataSet and Labels. Give DAiSEE's own top folder.")
    clips: list[_Clip] = []
    skipped: list[Skipped] = []
    for split in _SPLITS:
        table = top["labels"] / f"{split}Labels.csv"
        files = _files(top["dataset"] / split)
        for where, (name, *ratings) in rows(table, _COLUMNS):
            file = files.pop(Path(name).stem, None)
            if file is None:
                skipped.append(Skipped(where, f"no clip {Path(name).stem} under {top['dataset'] / split}"))
            else:
                clips.append(_Clip(where, file, file.parent.parent.name, split_name(split), _ratings(ratings, where)))
        skipped += [Skipped(str(file), f"no row in {table.name}") for file in files.values()]
    return clips, skipped


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise Problem(f"{folder} does not exist. DAiSEE has the folders {', '.join(_SPLITS)} in DataSet.")
    return {file.stem: file for file in sorted(folder.glob("*/*/*")) if file.suffix.lower() in _VIDEO}


def _ratings(texts: list[str], where: str) -> Ratings:
    if any(text not in {"0", "1", "2", "3"} for text in texts):
        raise Problem(f"{where} rates {', '.join(texts)}; every rating must be 0 to 3.")
    return Ratings(*map(int, texts))
