"""New splits keep subjects and recordings whole and labels in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from layouts import face

from edge.errors import Problem
from train.audit.audit import audit
from train.audit.divide import by_recording, divided
from train.datasets.dataset import Dataset, Sample


def frames(recordings: int, each: int, *, named: bool) -> Dataset:
    samples = []
    for n in range(recordings):
        for frame in range(each):
            image = face(n, n % 3, frame % 3)
            samples.append(Sample(n % 3, f"{n}/{frame}", lambda image=image: image, group=f"s{n}" if named else ""))
    return Dataset("frames", ("a", "b", "c"), tuple(samples))


def test_no_subject_is_in_two_splits_and_every_label_is_in_all():
    dataset = divided(frames(45, 4, named=True), (70, 15, 15))
    groups = [set(dataset.only(split).groups()) for split in ("train", "validation", "test")]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 45
    for split, share in (("train", 0.7), ("validation", 0.15), ("test", 0.15)):
        labels = np.bincount([s.label for s in dataset.only(split).samples], minlength=3)
        assert labels / 60 == pytest.approx([share] * 3, abs=0.07)


def test_the_same_seed_divides_alike_and_another_otherwise():
    dataset = frames(30, 2, named=True)
    first, again, other = (divided(dataset, (60, 20, 20), seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert [s.split for s in first.samples] != [s.split for s in other.samples]


def test_frames_of_a_recording_are_grouped_and_then_divided_without_a_leak():
    grouped = by_recording(frames(24, 5, named=False))
    together = {sample.origin.partition("/")[0]: sample.group for sample in grouped.samples}
    assert all(together[sample.origin.partition("/")[0]] == sample.group for sample in grouped.samples)
    assert len(set(together.values())) > 18
    assert not audit(divided(grouped, (60, 20, 20))).leaks


def test_pictures_without_a_subject_are_not_divided_at_random():
    with pytest.raises(Problem, match="--by-recording"):
        divided(frames(6, 2, named=False), (60, 20, 20))
    with pytest.raises(Problem, match="three shares"):
        divided(frames(6, 2, named=True), (0, 0, 0))
