"""What a report is made of: everything a run folder holds, read but not judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from edge.errors import Problem
from edge.model.card import Facts
from train.judging.scorer import read_facts

__all__ = ["Evaluated", "RunParts", "read_run"]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One evaluation as `train evaluate` left it."""

    name: str
    content: dict[str, Any]
    picture: Path | None
    comparisons: tuple[dict[str, Any], ...] = ()
    """By condition and by group, as `train.judging.comparison` holds them."""
    conditions: Path | None = None
    """The picture of the figures by condition."""

    def figure(self, name: str) -> dict[str, float] | None:
        return next((f for f in self.content["measures"]["figures"] if f["name"] == name), None)


@dataclass(frozen=True, slots=True)
class RunParts:
    path: Path
    facts: Facts | None
    """None for the folder of a cross-validation, which holds several networks."""
    options: dict[str, Any]
    history: list[dict[str, float]]
    audit: dict[str, Any] | None
    evaluations: tuple[Evaluated, ...]
    attention: dict[str, Any] | None
    pictures: dict[str, Path]
    """curves, audit, and the attention sheets, which show faces."""

    @property
    def name(self) -> str:
        return self.path.name


def read_run(path: Path) -> RunParts:
    """A run folder, or the folder of a cross-validation."""
    if not path.is_dir():
        raise Problem(f"{path} is no folder. Give run folders, as `train pretrain` and `transfer` make them.")
    evaluations = tuple(
        _evaluated(file)
        for folder in (path / "predictions", path)
        for file in sorted(folder.glob("*.json"))
        if file.with_name(file.stem + "_f.npy").exists()
    )
    facts = read_facts(path / "facts.json") if (path / "facts.json").exists() else None
    if facts is None and not evaluations:
        raise Problem(f"{path} holds neither facts.json nor an evaluation. Give finished run folders.")
    pictures = {
        "curves": path / "curves.png",
        "audit": path / "audit" / "audit.png",
        "attention on face crops": path / "explain" / "crops.png",
        "attention on uncropped pictures": path / "explain" / "uncropped.png",
    }
    return RunParts(
        path=path,
        facts=facts,
        options=_json(path / "options.json") or {},
        history=_json(path / "history.json") or [],
        audit=_json(path / "audit" / "audit.json"),
        evaluations=evaluations,
        attention=_json(path / "explain" / "explain.json"),
        pictures={name: file for name, file in pictures.items() if file.exists()},
    )


def _evaluated(file: Path) -> Evaluated:
    picture, conditions = file.with_suffix(".png"), file.with_name(f"{file.stem}-as-seen.png")
    tables = (file.with_name(f"{file.stem}-{name}.json") for name in _json(file).get("comparisons", ()))
    return Evaluated(
        name=file.stem,
        content=_json(file),
        picture=picture if picture.exists() else None,
        comparisons=tuple(_json(table) for table in tables if table.exists()),
        conditions=conditions if conditions.exists() else None,
    )


def _json(file: Path) -> Any:
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes())
    except msgspec.DecodeError as error:
        raise Problem(f"{file} is damaged: {error}. Make it again.") from None
