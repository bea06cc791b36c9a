"""What a person finds in a bundle: a README and a licence notice, both made from the card's facts."""

from __future__ import annotations

from collections.abc import Mapping

from edge.model.card import Facts, Metric, Quantization, Reliability, Training
from edge.model.levels import LEVELS

__all__ = ["licence_notice", "readme"]

_NORMALIZATION = {
    "unit": "bytes divided by 255",
    "signed": "bytes scaled to -1..1",
    "standard": "each face's mean taken away, divided by its standard deviation + 1",
    "norm": "each face's mean taken away, scaled to a Euclidean norm of 100",
}


def readme(facts: Facts, quantization: Quantization, sizes: Mapping[str, int]) -> str:
    """The bundle's README.md; `sizes` are the bytes of the files that are the model."""
    parts = [f"# {facts.name}", facts.intended_use, _files(sizes), _input(facts), _quantization(quantization)]
    if facts.training is not None:
        parts.append(_training(facts))
    if facts.metrics:
        parts.append(_metrics(facts.metrics))
    if facts.reliability:
        parts.append(_reliability(facts.reliability))
    parts.append(f"## Origin and licence\n\n{facts.origin}\n\nLicence: {facts.licence}")
    return "\n\n".join(parts) + "\n"


def licence_notice(facts: Facts) -> str:
    return f"{facts.name}\nOrigin: {facts.origin}\nLicence: {facts.licence}\n"


def _files(sizes: Mapping[str, int]) -> str:
    rows = "".join(f"\n| `{name}` | {size:,} |" for name, size in sorted(sizes.items()))
    return (
        "`card.json` holds everything below in machine-readable form and the SHA-256 of every file; "
        f"a device refuses a folder that does not match it.\n\n| file | bytes |\n|---|---|{rows}"
    )


def _input(facts: Facts) -> str:
    what = facts.input
    colour = "grey" if what.channels == 1 else "colour"
    lines = [f"- {what.width} x {what.height} pixels, {colour}: {_NORMALIZATION[what.normalization]}"]
    if facts.anchors is None:
        lines.append(f"- crop: the detector's box, {what.margin:.0%} wider" + what.align_roll * ", turned upright")
        lines.append(f"- output ({facts.output.activation}): {', '.join(facts.output.labels)}")
        levels = facts.output.levels
        lines += [f"- {level} engagement: {', '.join(levels[level])}" for level in LEVELS if level in levels]
    else:
        strides = ", ".join(map(str, facts.anchors.strides))
        lines.append(f"- output: {facts.anchors.family} boxes at strides {strides}")
    return "## Input and output\n\n" + "\n".join(lines)


def _quantization(quantization: Quantization) -> str:
    lines = [f"- numbers: {quantization.dtype}; {quantization.method}"]
    if quantization.calibration:
        lines.append(f"- calibrated on {quantization.calibration}")
    if quantization.agreement is not None:
        lines.append(f"- agrees with the float model on {quantization.agreement:.2%} of the selection samples")
    lines.append(f"- Coral EdgeTPU: {quantization.edgetpu}")
    return "## Quantization\n\n" + "\n".join(lines)


def _training(facts: Facts) -> str:
    training = facts.training
    assert training is not None
    lines = [
        f"- network: {training.network}, {training.parameters:,} parameters",
        f"- data: {training.data}; split: {training.split}",
    ]
    if training.subjects is not None:
        lines.append(f"- subjects: {training.subjects}")
    lines += [f"- learned from before: {_before(ancestor)}" for ancestor in training.ancestors]
    if training.seed is not None:
        lines.append(f"- seed: {training.seed}")
    if training.audit:
        lines.append(f"- audit: {training.audit}")
    if training.command:
        lines.append(f"- command: `{training.command}`")
    return "## Training\n\n" + "\n".join(lines)


def _before(ancestor: Training) -> str:
    subjects = "" if ancestor.subjects is None else f"; {ancestor.subjects} subjects"
    audit = f"; audit: {ancestor.audit}" if ancestor.audit else ""
    return f"{ancestor.data}; split: {ancestor.split}{subjects}{audit}"


def _metrics(metrics: tuple[Metric, ...]) -> str:
    rows = "".join(f"\n| {m.name} | {m.value:.4f} | {_interval(m)} | {m.data}, {m.split} | {m.note} |" for m in metrics)
    return f"## Measured\n\n| figure | value | 95 % interval | data | note |\n|---|---|---|---|---|{rows}"


def _reliability(rows: tuple[Reliability, ...]) -> str:
    cells = "".join(f"\n| {r.height} | {r.auc:.3f} | {r.spread:.3f} | {r.shared:.3f} |" for r in rows)
    return (
        "## How far one face's reading is to be trusted\n\n"
        "By the pixels that its crop covers, on subjects that the network was not trained on.\n\n"
        "| pixels | AUC of low | error that differs from face to face | error that faces share |\n"
        f"|---|---|---|---|{cells}"
    )


def _interval(metric: Metric) -> str:
    return "" if metric.low is None or metric.high is None else f"{metric.low:.4f} to {metric.high:.4f}"
