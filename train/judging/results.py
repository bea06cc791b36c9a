"""What an evaluation leaves behind: predictions, figures as JSON and text, and one picture."""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib.figure
import msgspec
import numpy as np
from matplotlib.axes import Axes

from train.figures.draws import FEWEST, intervals
from train.figures.measures import Figure, Measures
from train.files.whole import whole, write_json
from train.judging.comparison import told
from train.judging.conditions_picture import draw_conditions
from train.judging.evaluate import AS_SEEN, Evaluation
from train.judging.scorer import read_facts

__all__ = ["record", "summary", "write"]


def summary(evaluation: Evaluation) -> str:
    measures = evaluation.measures
    lines = [
        f"{evaluation.dataset.name}, split {evaluation.split or '(all)'}: {measures.samples} samples",
        _intervals(measures),
        *(f"NOTE  {note}" for note in evaluation.notes),
        "",
    ]
    width = max(len(figure.name) for figure in measures.figures)
    lines += [f"{f.name:{width}}  {f.value:.4f}{_interval(f)}" for f in measures.figures if not np.isnan(f.value)]
    wide = max(10, *(len(label) for label in measures.labels))
    lines += ["", "true \\ predicted".ljust(18) + "".join(f"{label:>{wide + 1}}" for label in measures.labels)]
    for label, row in zip(measures.labels, measures.confusion, strict=True):
        lines.append(label.ljust(18) + "".join(f"{n:>{wide + 1}}" for n in row))
    lines += _people(measures)
    for table in evaluation.comparisons:
        lines += ["", told(table)]
    return "\n".join(lines)


def _people(measures: Measures) -> list[str]:
    """A line a subject, the weakest first."""
    if not measures.by_subject:
        return []
    shown = measures.labels if len(measures.labels) <= 4 else ()
    head = ["subject".ljust(18), " samples", " accuracy", " macro-F1", *(f"  recall of {label}" for label in shown)]
    lines = ["", "".join(head)]
    for one in measures.by_subject:
        recalls = [one.recall[label] for label in shown]
        cells = ["-" if share is None else f"{share:.3f}" for share in recalls]
        wide = [f"{cell:>{len(label) + 12}}" for cell, label in zip(cells, shown, strict=True)]
        lines.append(f"{one.subject:18}{one.samples:8}{one.accuracy:9.3f}{one.macro_f1:9.3f}{''.join(wide)}")
    return lines


def _intervals(measures: Measures) -> str:
    said = intervals(measures.groups, measures.drawn_over)
    return said if measures.groups >= FEWEST else f"{said}; `train evaluate --folds` scores every subject there is"


def _interval(figure: Figure) -> str:
    return "" if np.isnan(figure.low) else f"  [{figure.low:.4f}, {figure.high:.4f}]"


def write(evaluation: Evaluation, folder: Path) -> list[Path]:
    """`<split>_f.npy` (probabilities), `<split>.csv`, `.json`, `.txt` and `.png`; with comparisons their tables,
    `<split>-as-seen.json`, `.png` and `.npz` (probabilities by condition), `<split>-by-<column>.json`.
    """
    name = evaluation.split or "all"
    files = [folder / f"{name}{end}" for end in ("_f.npy", ".csv", ".json", ".txt", ".png")]
    with whole(files[0]) as half:
        np.save(half, evaluation.probabilities)
    _write_csv(evaluation, files[1])
    content = {
        "data": evaluation.dataset.name,
        "provenance": evaluation.dataset.provenance,
        "split": evaluation.split,
        "notes": evaluation.notes,
        "skipped": [(skipped.origin, skipped.reason) for skipped in evaluation.dataset.skipped],
        "measures": evaluation.measures,
        "metrics": evaluation.card_metrics(),
        "comparisons": [table.name for table in evaluation.comparisons],
        "reliability": evaluation.reliability,
    }
    write_json(files[2], content)
    with whole(files[3]) as half:
        half.write_text(summary(evaluation) + "\n", encoding="utf-8")
    people = evaluation.measures.by_subject
    wide, high = (16, max(4.5, 1 + len(people) / 5)) if people else (11, 4.5)
    figure = matplotlib.figure.Figure(figsize=(wide, min(high, 30)), layout="constrained")
    figure.suptitle(f"{evaluation.dataset.name}, {name}: accuracy {evaluation.measures['accuracy'].value:.3f}")
    axes = figure.subplots(1, 3 if people else 2)
    _confusion(axes[0], evaluation.measures)
    _calibration(axes[1], evaluation.measures)
    if people:
        _by_subject(axes[2], evaluation.measures)
    with whole(files[4]) as half:
        figure.savefig(half, dpi=100)
    return [*files, *_write_comparisons(evaluation, folder / name)]


def _write_comparisons(evaluation: Evaluation, start: Path) -> list[Path]:
    files: list[Path] = []
    if evaluation.answers:
        samples = evaluation.dataset.samples
        known = {"y": np.array([s.label for s in samples]), "groups": np.array([s.group for s in samples])}
        files.append(start.with_name(f"{start.name}-{AS_SEEN}.npz"))
        with whole(files[-1]) as half:
            np.savez_compressed(half, **evaluation.answers, **known)
    for table in evaluation.comparisons:
        files.append(start.with_name(f"{start.name}-{table.name}.json"))
        write_json(files[-1], table)
        if table.name == AS_SEEN:
            files.append(files[-1].with_suffix(".png"))
            with whole(files[-1]) as half:
                draw_conditions(table, half)
    return files


def record(evaluation: Evaluation, facts: Path) -> None:
    """Put the figures into the run's facts, from which `convert` makes the card; the same measured before go.

    How reliable a reading is, is only taken over from subjects that the network had not seen.
    """
    held, measured = read_facts(facts), evaluation.card_metrics()
    again = {(metric.name, metric.data, metric.split) for metric in measured}
    others = tuple(metric for metric in held.metrics if (metric.name, metric.data, metric.split) not in again)
    reliability = held.reliability if evaluation.leaky else evaluation.reliability or held.reliability
    write_json(facts, msgspec.structs.replace(held, metrics=others + measured, reliability=reliability))


def _write_csv(evaluation: Evaluation, path: Path) -> None:
    labels = evaluation.dataset.labels
    with whole(path) as half, half.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["origin", "subject", "label", "predicted", *labels])
        for sample, row in zip(evaluation.dataset.samples, evaluation.probabilities, strict=True):
            shares = [f"{share:.6f}" for share in row]
            writer.writerow([sample.origin, sample.group, labels[sample.label], labels[int(row.argmax())], *shares])


def _confusion(axes: Axes, measures: Measures) -> None:
    counts = np.array(measures.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = np.arange(len(measures.labels))
    axes.set_xticks(places, measures.labels, rotation=45, ha="right")
    axes.set_yticks(places, measures.labels)
    axes.set(xlabel="predicted", ylabel="true", title="Confusion")
    for (down, across), count in np.ndenumerate(counts):
        shade = "white" if shares[down, across] > 0.5 else "black"
        axes.text(across, down, str(count), ha="center", va="center", color=shade, fontsize=8)


def _calibration(axes: Axes, measures: Measures) -> None:
    filled = np.array([row for row in measures.calibration if row[2]])
    axes.plot([0, 1], [0, 1], color="tab:gray", linestyle=":")
    axes.plot(filled[:, 0], filled[:, 1], marker="o")
    error = measures["calibration error"].value
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1), title=f"Calibration (error {error:.3f})")


def _by_subject(axes: Axes, measures: Measures) -> None:
    people, mean = measures.by_subject, measures["accuracy"].value
    axes.barh([one.subject for one in people], [one.accuracy for one in people], color="tab:blue")
    axes.axvline(mean, color="tab:gray", linestyle=":")
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=7)
    axes.set(xlabel="accuracy", xlim=(0, 1), title="Subjects, the weakest first")
