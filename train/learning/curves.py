"""A run's history, for programs as JSON and for people as a picture."""

from __future__ import annotations

from pathlib import Path

from train.files.whole import whole, write_json
from train.learning.checkpoint import Epoch

__all__ = ["write"]


def write(history: list[Epoch], folder: Path) -> None:
    """Rewrite `history.json` and `curves.png`."""
    write_json(folder / "history.json", history)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    epochs = [epoch.epoch for epoch in history]
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.plot(epochs, [getattr(epoch, name) for epoch in history], label="training, augmented")
        selected = [getattr(epoch, f"val_{name}") for epoch in history]
        if any(value is not None for value in selected):
            axes.plot(epochs, selected, label="selection split")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        axes.legend()
    with whole(folder / "curves.png") as half:
        figure.savefig(half, dpi=110)
