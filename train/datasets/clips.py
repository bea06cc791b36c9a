"""How DAiSEE's clips are cut into sequences. No library is loaded for saying so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Clips"]


@dataclass(frozen=True, slots=True)
class Clips:
    cache: Path | None = None
    """Folder for the cut sequences; None puts them beside the labels."""
    crop: Literal["face", "frame"] = "face"
    frames: int = 8
    """Of a sequence; 1 gives single pictures."""
    stride: int = 16
    size: int = 112
    stratified: bool = False
    """The balanced subset instead of all clips."""

    def __str__(self) -> str:
        """What a cache holds; nothing is added around a face."""
        return f"{self.crop} crops of {self.size} px, {self.frames} frames every {self.stride}, margin 0"
