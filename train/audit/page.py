"""An audit as text, as JSON and as one picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib.figure
import numpy as np
from matplotlib.axes import Axes

from train.audit.result import Audit
from train.files.whole import whole, write_json

__all__ = ["summary", "write"]

_SHOWN = 10


def summary(audit: Audit) -> str:
    lines = [f"{audit.data}: {audit.samples} samples, {len(audit.skipped)} skipped ({audit.provenance})", ""]
    names = list(next(iter(audit.by_split.values())))
    width = max(len(split) for split in (*audit.by_split, "split"))
    lines.append("  ".join([f"{'split':{width}}", *(f"{name:>10}" for name in names)]))
    for split, counts in audit.by_split.items():
        lines.append("  ".join([f"{split or '(none)':{width}}", *(f"{counts[name]:>10}" for name in names)]))
    lines += [
        "",
        f"subjects          {len(audit.by_subject) or 'not named'}",
        f"near-identical    {audit.near_identical} pictures ({audit.identical} identical, {audit.mirrored} mirrored)",
        f"label conflicts   {audit.conflicts} pictures",
        "recordings        " + ", ".join(f"{r.label} about {r.effective:.0f}" for r in audit.recordings),
    ]
    if audit.format is not None:
        lines.append(
            f"format alone      balanced accuracy {audit.format.score:.3f} "
            f"[{audit.format.low:.3f}, {audit.format.high:.3f}], "
            f"chance {audit.format.chance_low:.3f} to {audit.format.chance_high:.3f}"
        )
    lines.append("")
    lines += [f"{f.severity.upper():8}{f.kind}: {f.text}" for f in audit.findings] or ["Nothing was found."]
    if audit.skipped:
        lines += ["", "Skipped:"] + [f"  {origin}: {reason}" for origin, reason in audit.skipped[:_SHOWN]]
        if len(audit.skipped) > _SHOWN:
            lines.append(f"  and {len(audit.skipped) - _SHOWN} more in audit.json")
    return "\n".join(lines)


def write(audit: Audit, folder: Path) -> list[Path]:
    """audit.json, audit.txt and audit.png."""
    write_json(folder / "audit.json", audit)
    with whole(folder / "audit.txt") as half:
        half.write_text(summary(audit) + "\n", encoding="utf-8")
    figure = matplotlib.figure.Figure(figsize=(12, 8), layout="constrained")
    figure.suptitle(f"{audit.data}: {audit.sentence()}")
    axes = figure.subplots(2, 2)
    _balance(axes[0, 0], audit)
    _subjects(axes[0, 1], audit)
    _recorded(axes[1, 0], audit)
    _format(axes[1, 1], audit)
    with whole(folder / "audit.png") as half:
        figure.savefig(half, dpi=100)
    return [folder / name for name in ("audit.json", "audit.txt", "audit.png")]


def _balance(axes: Axes, audit: Audit) -> None:
    splits, names = list(audit.by_split), list(next(iter(audit.by_split.values())))
    at, wide = np.arange(len(names)), 0.8 / len(splits)
    for n, split in enumerate(splits):
        counts = [audit.by_split[split][name] for name in names]
        shares = np.array(counts) / max(1, sum(counts))
        axes.bar(at + (n - (len(splits) - 1) / 2) * wide, shares, wide, label=f"{split or 'all'} ({sum(counts)})")
    axes.set_xticks(at, names)
    axes.set(title="Share of each label by split", ylabel="share")
    axes.legend()


def _subjects(axes: Axes, audit: Audit) -> None:
    axes.set_title("Labels of each subject")
    if not audit.by_subject:
        axes.text(0.5, 0.5, "no subject is named", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    counts = np.array([list(by_label.values()) for by_label in audit.by_subject.values()])
    names = list(next(iter(audit.by_subject.values())))
    left = np.zeros(len(counts))
    for n, name in enumerate(names):
        axes.barh(np.arange(len(counts)), counts[:, n], left=left, label=name)
        left += counts[:, n]
    if len(counts) <= 40:
        axes.set_yticks(np.arange(len(counts)), list(audit.by_subject), fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("pictures")
    axes.legend()


def _recorded(axes: Axes, audit: Audit) -> None:
    names = [found.label for found in audit.recordings]
    bars = axes.bar(names, [found.largest for found in audit.recordings], color="tab:gray")
    axes.bar_label(bars, [f"≈{found.effective:.0f}" for found in audit.recordings])
    axes.set(title="Share of the largest recording, and how many there are in effect", ylabel="share", ylim=(0, 1.08))


def _format(axes: Axes, audit: Audit) -> None:
    axes.set_title("What the file's format alone tells of the label")
    found = audit.format
    if found is None:
        axes.text(0.5, 0.5, "too few groups to hold any out", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    names, scores = ["all", *found.by_feature], [found.score, *found.by_feature.values()]
    axes.barh(names, scores, color=["tab:red" if found.leaks else "tab:green"] + ["tab:gray"] * len(found.by_feature))
    axes.errorbar([found.score], [0], xerr=[[found.score - found.low], [found.high - found.score]], color="black")
    axes.axvspan(found.chance_low, found.chance_high, color="tab:blue", alpha=0.3, label="chance, 95 %")
    axes.invert_yaxis()
    axes.set_xlabel("balanced accuracy on held-out groups")
    axes.legend()
