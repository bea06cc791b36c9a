"""A comparison as text for people."""

from __future__ import annotations

import math

from convert.proving.verify import Comparison
from train.figures.draws import Estimate, intervals

__all__ = ["summary", "table"]


def summary(comparison: Comparison) -> str:
    """One line: what the conversion cost."""
    changes = ", ".join(
        f"{name} {100 * figure['before'].value:.2f} -> {100 * figure['after'].value:.2f}"
        for name, figure in comparison.figures.items()
    )
    return (
        f"On {comparison.samples} samples of {comparison.data}: agreement {comparison.agreement:.2%}"
        f"{', ' + changes if changes else ''}"
    )


def table(comparison: Comparison) -> str:
    subjects = f" of {comparison.subjects} subjects" if comparison.subjects else ""
    lines = [
        f"{comparison.data}: {comparison.samples} samples{subjects}",
        f"agreement {comparison.agreement:.2%}",
        f"probabilities apart by {comparison.divergence_mean:.4f} (mean), {comparison.divergence_p99:.4f} (p99)",
        f"size {comparison.bytes_float:,} -> {comparison.bytes_quantized:,} bytes",
    ]
    if comparison.figures:
        if any(math.isnan(f["change"].low) for f in comparison.figures.values()):
            lines.append(intervals(comparison.subjects or comparison.samples, "subjects"))
        lines += ["", f"{'points (95 % interval)':24} {'float':>24} {'quantized':>24} {'change':>24}"]
        lines += [
            f"{name:24} {_interval(f['before'])} {_interval(f['after'])} {_interval(f['change'], sign='+')}"
            for name, f in comparison.figures.items()
        ]
    else:
        lines += ["", f"No labels: accuracy cannot have dropped by more than {comparison.drop:.2f} points."]
    for title, parts in (("recall", comparison.recall), ("accuracy by subject", comparison.subject_accuracy)):
        if parts:
            lines += ["", f"{title:24} {'samples':>8} {'float':>8} {'quantized':>10}"]
            lines += [f"{name:24} {n:8} {100 * a:8.2f} {100 * b:10.2f}" for name, (n, a, b) in parts.items()]
    if comparison.timings:
        lines += ["", f"{'one thread, one picture':52} {'ms':>8} {'agreement':>10}"]
        lines += [
            f"{t.runtime + ', ' + t.kernels:52} {t.milliseconds:8.3f} {t.agreement:10.2%}" for t in comparison.timings
        ]
    return "\n".join(lines)


def _interval(figure: Estimate, sign: str = "") -> str:
    value, low, high = (100 * number for number in (figure.value, figure.low, figure.high))
    drawn = "" if math.isnan(low) else f" ({low:{sign}.2f} to {high:{sign}.2f})"
    return f"{f'{value:{sign}.2f}{drawn}':>24}"
