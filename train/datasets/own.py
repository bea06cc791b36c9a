"""What one's own table or folder calls things. No library is loaded for saying so."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from edge.errors import Problem
from train.datasets.manifest import Columns

__all__ = ["Own"]


@dataclass(frozen=True, slots=True)
class Own:
    columns: Columns = field(default_factory=Columns)
    """Of a manifest."""
    subject_pattern: str | None = None
    """Of a picture's name, in folders of one class each."""
    subjects: Path | None = None
    """A CSV that tells the subjects of such pictures."""
    labels: tuple[str, ...] = ()
    """`theirs=ours`, for every layout."""

    def check(self, path: Path, layout: str) -> None:
        """Refuse what the layout has no use for, instead of passing over it."""
        if layout != "manifest" and self.columns != Columns():
            raise Problem(f"{path} is read as {layout}. Leave out --subject-column and the like: they name a CSV's.")
        if layout != "classes" and (self.subject_pattern or self.subjects):
            raise Problem(
                f"{path} is read as {layout}. Leave out --subject-pattern and --subjects, or say --layout classes: "
                "they are for one folder a class."
            )
