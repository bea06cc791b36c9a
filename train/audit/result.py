"""What an audit found, and what its figures mean in sentences a person can act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec

from train.audit.format import FormatLeak

__all__ = ["NO_CROPS", "Audit", "Crossing", "Finding", "Recording", "findings"]

NO_CROPS = "no face crops"
_FEW = 5
"""A label shown by fewer recordings than this teaches the recording, not the label."""


class Finding(msgspec.Struct, frozen=True):
    severity: Literal["leak", "warning", "note"]
    kind: str
    text: str


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """Near-identical pictures on both sides of two splits (or two subjects)."""

    between: tuple[str, str]
    pairs: int
    pictures: int
    """Pictures of the second one that have a twin in the first."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """How many recordings show a label, judged by the pictures alone."""

    label: str
    pictures: int
    largest: float
    """Share of the label's pictures that come from its largest recording."""
    effective: float
    """The number of equally large recordings that would be as varied."""


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    data: str
    provenance: str
    samples: int
    skipped: tuple[tuple[str, str], ...]
    by_split: dict[str, dict[str, int]]
    by_subject: dict[str, dict[str, int]]
    subjects_in_two_splits: dict[str, tuple[str, ...]]
    sessions_in_two_splits: dict[str, tuple[str, ...]]
    identical: int
    near_identical: int
    """Pictures with at least one near-identical (or identical, or mirrored) twin."""
    mirrored: int
    across_splits: tuple[Crossing, ...]
    across_subjects: tuple[Crossing, ...]
    conflicts: int
    """Pictures with a near-identical twin of another label."""
    examples: tuple[tuple[str, str, str], ...]
    recordings: tuple[Recording, ...]
    format: FormatLeak | None
    findings: tuple[Finding, ...] = ()

    @property
    def uncropped(self) -> bool:
        return any(finding.kind == NO_CROPS for finding in self.findings)

    @property
    def leaks(self) -> bool:
        return any(finding.severity == "leak" for finding in self.findings)

    def sentence(self) -> str:
        """For the model's card."""
        found = Counter(finding.severity for finding in self.findings)
        leaks = ", ".join(finding.kind for finding in self.findings if finding.severity == "leak")
        crops = f" ({NO_CROPS})" if self.uncropped else ""
        return f"{found['leak']} leaks{f' ({leaks})' if leaks else ''}, {found['warning']} warnings{crops}; {self.data}"


def findings(audit: Audit) -> Iterator[Finding]:
    """Leaks make a score on the given split worthless; warnings make it worth less."""
    yield from _across_splits(audit)
    yield from _across_subjects(audit)
    if audit.conflicts:
        yield Finding(
            "warning",
            "label conflicts",
            f"{audit.conflicts} pictures have a near-identical twin with another label.",
        )
    yield from _few_recordings(audit)
    if audit.format is not None and audit.format.leaks:
        best, score = next(iter(audit.format.by_feature.items()))
        yield Finding(
            "warning",
            "format",
            f"The file's format alone predicts the label: balanced accuracy {audit.format.score:.3f} on held-out "
            f"groups, where chance ends at {audit.format.chance_high:.3f} ({best} alone: {score:.3f}). "
            "Equalise size, colour and sharpness before training.",
        )
    if not audit.by_subject:
        yield Finding("note", "no subjects", "No subject is named, so nothing proves that no face is in two splits.")
    if audit.skipped:
        yield Finding(
            "note", "skipped", f"{len(audit.skipped)} samples cannot be used; each is listed with its reason."
        )


def _across_splits(audit: Audit) -> Iterator[Finding]:
    shared = audit.subjects_in_two_splits
    if shared:
        some = ", ".join(list(shared)[:5])
        yield Finding("leak", "subjects in two splits", f"{len(shared)} subjects are in more than one split: {some}.")
    if audit.sessions_in_two_splits:
        some = ", ".join(list(audit.sessions_in_two_splits)[:5])
        yield Finding(
            "warning",
            "sessions in two splits",
            f"{len(audit.sessions_in_two_splits)} sessions are in more than one split: {some}. Their room and light "
            "are known; --divide keeps sessions whole.",
        )
    for crossing in audit.across_splits:
        first, second = crossing.between
        total = sum(audit.by_split[second].values())
        yield Finding(
            "leak",
            "twins across splits",
            f"{crossing.pictures} of {total} pictures in {second} have a near-identical twin in {first} "
            f"({crossing.pairs} pairs).",
        )


def _across_subjects(audit: Audit) -> Iterator[Finding]:
    if audit.across_subjects:
        some = ", ".join(" and ".join(crossing.between) for crossing in audit.across_subjects[:5])
        pictures = sum(crossing.pictures for crossing in audit.across_subjects)
        yield Finding(
            "warning",
            "one face, two subjects",
            f"{pictures} pictures are near-identical to pictures of another subject ({some}): "
            "keep such subjects on one side of every split.",
        )


def _few_recordings(audit: Audit) -> Iterator[Finding]:
    # Few pictures cannot come from many recordings; that is a small set, not a leak.
    few = [found for found in audit.recordings if found.pictures >= 4 * _FEW and found.effective < _FEW]
    for found in few:
        yield Finding(
            "warning",
            "few recordings",
            f"The {found.pictures} pictures of {found.label!r} come from about {found.effective:.1f} recordings "
            f"(the largest holds {found.largest:.0%}): a random split of them leaks, and a network learns the room.",
        )
