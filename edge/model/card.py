"""`card.json`: what a bundle holds, what it expects, what it was trained on and how well it does."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from edge.flow import Normalization

__all__ = [
    "CARD_VERSION",
    "Anchors",
    "Card",
    "Facts",
    "Input",
    "Level",
    "Metric",
    "Output",
    "Quantization",
    "Reliability",
    "SubjectFilter",
    "Training",
]

CARD_VERSION = 2
"""2 added `reliability`. Older cards are read; a program that knows only them asks to be updated."""

Kind = Literal["engagement", "expressions", "detector"]
Level = Literal["low", "mid", "high"]


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the network sees, and how a face is turned into it."""

    width: int
    height: int
    channels: Literal[1, 3]
    normalization: Normalization
    margin: Annotated[float, msgspec.Meta(gt=-1)] = 0.0
    """How much wider than the detector's box the crop is."""
    align_roll: bool = False


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    labels: tuple[str, ...]
    activation: Literal["softmax", "logits", "none"]
    temperature: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    """By which scores are divided before the softmax, so that probabilities are as sure as they are right."""
    levels: dict[Level, tuple[str, ...]] = {}
    """Which labels mean low, mid and high engagement; see `edge.model.levels`."""


class Quantization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    dtype: Literal["float32", "float16", "dynamic", "int8", "uint8"]
    method: str
    calibration: str = ""
    """Data, size and seed of the calibration set."""
    agreement: float | None = None
    """Share of selection samples on which the quantized and the float model agree."""
    edgetpu: str = "not prepared"


class SubjectFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A Bloom filter with one cell a name, so small that about every second stranger is found in it."""

    bits: int
    cells: str
    """Hexadecimal; the lowest bit is cell 0."""
    false_rate: float
    """The chance that a stranger's name is found."""


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    network: str
    parameters: int
    data: str
    split: str
    datasets: tuple[str, ...] = ()
    """The names of the data sets `data` speaks of."""
    subjects: int | None = None
    subject_marks: tuple[str, ...] = ()
    """A digest of each subject's name. Whoever has a list of names can find them, so they stay in the run folder."""
    subject_filter: SubjectFilter | None = None
    """What goes into a card instead; see `edge.model.subjects`."""
    seed: int | None = None
    audit: str = ""
    command: str = ""
    ancestors: tuple[Training, ...] = ()
    """What else it has learned from, and they before it: the network it was trained on from, its teacher, what was
    rehearsed."""


class Metric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One figure with the protocol that gave it."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    data: str
    split: str
    note: str = ""


class Anchors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a face detector's output is decoded."""

    family: Literal["blazeface", "centerface"]
    strides: tuple[int, ...]
    anchors_per_cell: tuple[int, ...]
    min_score: float


class Reliability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far one face's `engaged` is to be trusted when its crop covers so many of the camera's pixels.

    Measured on subjects the network was not trained on, each weighing the same; the truth is the label. A class
    may be of any mix of the levels, each mix as likely as another.
    """

    height: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    auc: float
    """How often a low face is read below another one."""
    spread: float
    """The error that differs from face to face; a class of many has less of it."""
    shared: float
    """The error that all faces of this size have in common, however many they are."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What `train` knows of a network; `convert` turns it into a card. Stored as `facts.json` beside `model.keras`."""

    kind: Kind
    name: str
    input: Input
    output: Output
    training: Training | None = None
    metrics: tuple[Metric, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    """By height, rising. Empty where it was not measured."""
    licence: str
    origin: str
    intended_use: str
    anchors: Anchors | None = None


class Card(Facts, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    card: int = msgspec.field(default=CARD_VERSION)
    files: dict[str, str]
    """SHA-256 of every file of the bundle but the card and its signature."""
    quantization: Quantization
