"""`train report`: one self-contained HTML page about one or more runs, for people."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from train.figures.draws import intervals
from train.figures.durations import duration
from train.reporting.parts import Evaluated, RunParts

__all__ = ["report"]

_COMPARED = ("accuracy", "macro-F1", "balanced accuracy", "macro AUC", "AUC", "AUC of low", "calibration error")
_SHOWS_FACES = {"attention on face crops", "attention on uncropped pictures"}
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 2px solid #8884; padding-top: 1rem; }
table { border-collapse: collapse; margin: .8rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #8884; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid #8888; }
small { opacity: .7; } img { max-width: 100%; background: white; border-radius: 6px; }
.leak { color: #c62828; font-weight: 600; } .warning { color: #b26a00; font-weight: 600; } .note { opacity: .75; }
.bar { display: inline-block; width: 10rem; height: .8rem; background: #8883; position: relative; border-radius: 3px; }
.bar i { position: absolute; left: 0; top: 0; bottom: 0; background: #2e7d32; border-radius: 3px; }
.bar b { position: absolute; top: -3px; bottom: -3px; width: 2px; background: currentColor; }
"""


def report(runs: Sequence[RunParts], *, title: str, pictures: bool = False) -> str:
    """The page asks nothing of any server. Attention sheets show faces, so they are left out unless asked for."""
    parts = [_comparison(runs), *(_run(run, pictures=pictures) for run in runs)]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{escape(title)}</h1>\n{''.join(parts)}</body></html>\n"
    )


def _comparison(runs: Sequence[RunParts]) -> str:
    evaluated = [(run, one) for run in runs for one in run.evaluations]
    if not evaluated:
        return "<p>No run has been evaluated yet: <code>train evaluate RUN --data DATA</code>.</p>"
    columns = [name for name in _COMPARED if any(one.figure(name) for _, one in evaluated)]
    head = ["run", "data", "split", "samples", *columns]
    rows = [
        [
            escape(run.name),
            escape(one.content["data"]),
            escape(one.content["split"] or "all"),
            str(one.content["measures"]["samples"]),
            *(_figure(one, name) for name in columns),
        ]
        for run, one in evaluated
    ]
    notes = [
        f'<p class="{"leak" if "LEAKY" in note else "note"}">{escape(run.name)}, {escape(one.name)}: {escape(note)}</p>'
        for run, one in evaluated
        for note in one.content["notes"]
    ]
    return f"<p>95 % intervals in brackets.</p>{_table(head, rows)}{''.join(notes)}\n"


def _figure(one: Evaluated, name: str) -> str:
    return _cell(one.figure(name))


def _cell(found: dict[str, Any] | None) -> str:
    if found is None or found["value"] is None:
        return "&ndash;"
    interval = f" <small>[{found['low']:.3f}, {found['high']:.3f}]</small>" if found["low"] is not None else ""
    return f"{found['value']:.3f}{interval}"


def _run(run: RunParts, *, pictures: bool) -> str:
    shown = [name for name in run.pictures if pictures or name not in _SHOWS_FACES]
    parts = [
        f"<h2>{escape(run.name)}</h2>",
        _facts(run),
        _audit(run.audit),
        *(_picture(name, run.pictures[name]) for name in shown if name == "audit"),
        _history(run.history),
        *(_picture(name, run.pictures[name]) for name in shown if name == "curves"),
        *(_evaluation(one) for one in run.evaluations),
        _attention(run.attention),
        *(_picture(name, run.pictures[name]) for name in shown if name in _SHOWS_FACES),
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _facts(run: RunParts) -> str:
    rows: list[tuple[str, Any]] = []
    if run.facts is not None:
        facts, training = run.facts, run.facts.training
        rows += [
            ("labels", ", ".join(facts.output.labels)),
            ("input", _input(run)),
            ("intended use", facts.intended_use),
        ]
        if training is not None:
            rows += [
                ("network", f"{training.network}, {training.parameters:,} parameters"),
                ("data", f"{training.data}; {training.split}"),
                ("subjects", training.subjects or "not named"),
                ("seed", training.seed),
                ("audit", training.audit or "none recorded"),
                ("command", training.command),
                ("learned from before", "; ".join(ancestor.data for ancestor in training.ancestors) or "nothing"),
            ]
        rows.append(("licence", facts.licence))
    rows += [(name, value) for name, value in run.options.items() if name != "recipe" and value not in {"", "None"}]
    recipe = ", ".join(f"{name} {value}" for name, value in run.options.get("recipe", {}).items())
    rows += [("recipe", recipe)] * bool(recipe)
    cells = "".join(
        f'<tr><td>{escape(name)}</td><td style="text-align:left;white-space:normal">{escape(str(value))}</td></tr>'
        for name, value in rows
    )
    return f"<table>{cells}</table>" if rows else ""


def _input(run: RunParts) -> str:
    assert run.facts is not None
    asked = run.facts.input
    return f"{asked.width} x {asked.height} x {asked.channels}, {asked.normalization}, margin {asked.margin:g}"


def _audit(audit: dict[str, Any] | None) -> str:
    if audit is None:
        return ""
    found = [
        f'<li><span class="{escape(finding["severity"])}">{escape(finding["severity"])}</span> '
        f"{escape(finding['kind'])}: {escape(finding['text'])}</li>"
        for finding in audit["findings"]
    ]
    summary = (
        f"{audit['samples']} samples, {len(audit['skipped'])} skipped, {audit['near_identical']} with a near-identical "
        f"twin, {audit['conflicts']} of those with another label."
    )
    return f"<h3>Audit of the data</h3><p>{summary}</p><ul>{''.join(found) or '<li>Nothing was found.</li>'}</ul>"


def _history(history: list[dict[str, float]]) -> str:
    if not history:
        return ""
    last = history[-1]
    scored = [epoch for epoch in history if epoch.get("val_accuracy") is not None]
    best = max(scored, key=lambda epoch: epoch["val_accuracy"]) if scored else None
    spent = duration(sum(epoch["seconds"] for epoch in history))
    text = f"{len(history)} epochs in {spent}; the last one's loss {last['loss']:.3f}"
    if best:
        text += f"; best accuracy on the validation split {best['val_accuracy']:.4f} in epoch {best['epoch']}"
    return f"<h3>Training</h3><p>{escape(text)}.</p>"


def _evaluation(one: Evaluated) -> str:
    measures = one.content["measures"]
    figures = [[escape(f["name"]), _figure(one, f["name"])] for f in measures["figures"]]
    labels = measures["labels"]
    by_label = [
        [escape(label), *(f"{values[part]:.3f}" for part in ("precision", "recall", "f1")), f"{values['support']:.0f}"]
        for label, values in measures["report"].items()
    ]
    confusion = [[escape(label), *map(str, row)] for label, row in zip(labels, measures["confusion"], strict=True)]
    heading = f"{one.content['data']}, split {one.content['split'] or 'all'}"
    protocol = f"{measures['samples']} samples; {intervals(measures['groups'], measures['drawn_over'])}."
    return "\n".join(
        (
            f"<h3>{escape(heading)}</h3><p>{protocol}</p>",
            _table(["figure", "value"], figures),
            _table(["label", "precision", "recall", "F1", "samples"], by_label),
            _table(["true \\ predicted", *map(escape, labels)], confusion),
            _people(measures),
            _picture(f"confusion and calibration, {one.name}", one.picture) if one.picture else "",
            *(_compared(table) for table in one.comparisons),
            _picture(f"as seen, {one.name}", one.conditions) if one.conditions else "",
        )
    )


def _people(measures: dict[str, Any]) -> str:
    rows = [
        [
            escape(one["subject"]),
            str(one["samples"]),
            f"{one['accuracy']:.3f}",
            f"{one['macro_f1']:.3f}",
            *("&ndash;" if share is None else f"{share:.3f}" for share in one["recall"].values()),
        ]
        for one in measures.get("by_subject", [])
    ]
    recalls = [f"recall of {escape(label)}" for label in measures["labels"]]
    return _table(["subject", "samples", "accuracy", "macro-F1", *recalls], rows) if rows else ""


def _compared(table: dict[str, Any]) -> str:
    names = list(dict.fromkeys(f["name"] for row in table["rows"] for f in row["figures"]))
    rows = [
        [
            escape(row["name"]),
            str(row["samples"]),
            *(_cell(next((f for f in row["figures"] if f["name"] == name), None)) for name in names),
        ]
        for row in table["rows"]
    ]
    gaps = [
        [escape(gap["figure"]), _cell(gap), f"{escape(gap['most'])} over {escape(gap['least'])}"]
        for gap in table["gaps"]
    ]
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in table["notes"])
    widest = f"<p>The widest gaps:</p>{_table(['figure', 'gap', 'between'], gaps)}" if gaps else ""
    head = ["", "samples", *map(escape, names)]
    return f"<h4>{escape(table['title'])}</h4>{notes}{_table(head, rows)}{widest}"


def _attention(attention: dict[str, Any] | None) -> str:
    if attention is None:
        return ""
    rows = [
        [
            name,
            f"{share['share']:.1%} <small>[{share['low']:.1%}, {share['high']:.1%}]</small>",
            f"{share['area']:.1%}",
            _bar(share["share"], share["area"]),
            str(share["pictures"]),
        ]
        for name, share in (("face crops", attention["crops"]), ("uncropped", attention["uncropped"]))
        if share is not None
    ]
    head = ["pictures", "attention inside the face", "even attention would give", "", "pictures"]
    return f"<h3>Where it looks (Grad-CAM)</h3>{_table(head, rows)}" if rows else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _picture(name: str, file: Path) -> str:
    data = base64.b64encode(file.read_bytes()).decode()
    image = f'<img alt="{escape(name)}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}<figcaption>{escape(name)}</figcaption></figure>"


def _bar(share: float, mark: float) -> str:
    return f'<span class="bar"><i style="width:{share:.0%}"></i><b style="left:{mark:.0%}"></b></span>'
