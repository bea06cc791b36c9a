"""One conversion from beginning to end: choose the calibration set, quantize, measure, pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from convert.graph import edgetpu
from convert.graph.flatbuffer import parse
from convert.network import samples
from convert.network.samples import Samples
from convert.network.source import Source
from convert.packing import jetson
from convert.packing.bundle import pack
from convert.proving import verify
from convert.quantizing.quantize import DEFAULT, Format, Method, quantize
from convert.quantizing.watch import Watch, unwatched
from edge.errors import Problem
from edge.model.bundle import EDGETPU, MODEL
from edge.model.card import Facts, Metric, Quantization

__all__ = ["Converted", "Data", "convert", "pack_converted", "read_data"]

_FEWEST = 3
_METHODS = {
    "int8": "full integer after training, weights per channel, int8 in and out",
    "uint8": "full integer after training, weights per channel, uint8 in and out",
    "float16": "weights stored as 16-bit floats",
    "dynamic": "weights as int8, activations quantized at run time",
    "float32": "not quantized",
}


@dataclass(frozen=True, slots=True)
class Data:
    """The two parts of a data set a conversion may look at; the test split is neither."""

    calibration: Samples
    selection: Samples | None
    selected: str
    """Which samples those are."""
    description: str
    notes: tuple[str, ...] = ()
    """What a comparison on them does not show."""


@dataclass(frozen=True, slots=True)
class Converted:
    source: Source
    """As converted: with its softmax inside or outside."""
    format: Format
    method: Method
    model: bytes
    data: Data | None
    calibration: NDArray[np.float32] | None
    comparison: verify.Comparison | None


def read_data(path: Path, facts: Facts, size: int, seed: int) -> Data:
    """Calibrate on the training split and select on the validation split; without splits, on what is left over."""
    everything = samples.read(path, facts.input, facts.output.labels)
    training = everything.only("train")
    chosen, rest = samples.representative(training, size, seed)
    if not len(everything.split):
        selection, selected = rest if len(rest) else None, "not in the calibration set"
    else:
        selection, selected = everything.only("validation") if "validation" in everything.split else None, "validation"
    _every_label(training, facts)
    classes, subjects = len(np.unique(chosen.y)), len(np.unique(chosen.groups))
    of = ", ".join(f"{count} {what}" for count, what in ((classes, "classes"), (subjects, "subjects")) if count)
    split = "training split" if len(everything.split) else "whole"
    reason = samples.uncropped(training)
    description = f"{everything.name}, {split}: {len(chosen)} samples{of and ' of ' + of}, seed {seed}"
    if reason:
        description += "; no face crops"
    notes = [*[reason] * bool(reason), *_unseen(selection, facts.output.labels)]
    return Data(chosen, selection, selected, description, tuple(notes))


def _every_label(training: Samples, facts: Facts) -> None:
    """A range that was never seen in use is cut off: every label must be among the pictures."""
    if len(training) < _FEWEST:
        raise Problem(f"{training.name} has {len(training)} pictures to calibrate on; {_FEWEST} are the very least.")
    counts = np.bincount(training.y, minlength=len(facts.output.labels))
    for label, count in zip(facts.output.labels, counts.tolist(), strict=True):
        if len(training.y) and not count:
            raise Problem(
                f"{training.name} has no picture to calibrate on that is labelled {label}. Give data with every label "
                f"of {facts.name} in its training split."
            )


def _unseen(selection: Samples | None, labels: Sequence[str]) -> Iterator[str]:
    if selection is None:
        yield "nothing was compared with the float network: no picture is left for it"
        return
    absent = [label for number, label in enumerate(labels) if len(selection.y) and not (selection.y == number).any()]
    if absent:
        yield f"no picture compared is labelled {' or '.join(absent)}: what the conversion does to it is not known"
    if len(selection.groups) and len(np.unique(selection.groups)) == 1:
        yield "all pictures compared show one subject"


def convert(
    source: Source,
    to: Format,
    facts: Facts,
    data: Data | None,
    *,
    method: Method = DEFAULT,
    watch: Watch = unwatched,
) -> Converted:
    """Quantize and compare with the float network on the selection samples, where there are any."""
    inputs = None
    if data is not None:
        inputs = samples.normalized(data.calibration, source.shape, facts.input.normalization)
    model = quantize(source, to, inputs, method=method, watch=watch)
    comparison = None
    if data is not None and data.selection is not None:
        comparison = compare(source, model, facts, data.selection)
    return Converted(source, to, method, model, data, inputs, comparison)


def compare(source: Source, model: bytes, facts: Facts, selection: Samples) -> verify.Comparison:
    x = samples.normalized(selection, source.shape, facts.input.normalization)
    temperature = facts.output.temperature
    before = verify.probabilities(source.predict(x), source.activation, temperature)
    after = verify.probabilities(verify.run(model, x), source.activation, temperature)
    return verify.compare_models(
        selection, facts.output.labels, before, after, bytes_float=4 * source.parameters, bytes_quantized=len(model)
    )


def pack_converted(
    destination: Path,
    facts: Facts,
    converted: Converted,
    *,
    for_edgetpu: bool,
    for_jetson: bool,
    sign: Path | None,
    say: Callable[[str], None],
) -> Path:
    """Write the bundle, with the Coral and Jetson variants where asked for."""
    files = {MODEL: converted.model}
    coral = "not prepared"
    if for_edgetpu:
        mapping = edgetpu.check(parse(converted.model))
        if mapping.problems:
            raise Problem(f"The model cannot run on the EdgeTPU: {mapping.problems[0]}.")
        compiled, said = edgetpu.compile_model(converted.model)
        coral = f"{mapping.summary()}; {said}"
        say(f"EdgeTPU: {coral}")
        if compiled is not None:
            files[EDGETPU] = compiled
    if for_jetson:
        if converted.calibration is None:
            raise Problem("The INT8 engine of a Jetson needs calibration pictures. Name them with --calibration DATA.")
        files[jetson.ONNX] = jetson.export(converted.source, converted.calibration[:16])
        files[jetson.CALIBRATION] = jetson.calibration_cache(files[jetson.ONNX], converted.calibration)
        say(f"Jetson: {jetson.COMMAND}")
    whole = converted.format in ("int8", "uint8")
    quantization = Quantization(
        dtype=converted.format,
        method=_METHODS[converted.format] + (f"; {converted.method}" if whole else ""),
        calibration=converted.data.description if converted.data and whole else "",
        agreement=None if converted.comparison is None else round(converted.comparison.agreement, 6),
        edgetpu=coral,
    )
    return pack(destination, _described(facts, converted), quantization, files, sign=sign)


def _described(facts: Facts, converted: Converted) -> Facts:
    name = facts.name if facts.name.endswith(f"-{converted.format}") else f"{facts.name}-{converted.format}"
    activation = converted.source.activation
    return msgspec.structs.replace(
        facts,
        name=name,
        output=msgspec.structs.replace(facts.output, activation=activation),
        metrics=(*facts.metrics, *_metrics(converted)),
    )


def _metrics(converted: Converted) -> tuple[Metric, ...]:
    comparison, data = converted.comparison, converted.data
    # Pictures left over from training say how faithful the copy is, not how good the network is.
    if comparison is None or data is None or data.selected != "validation":
        return ()
    return tuple(
        Metric(
            name=name,
            value=round(figure["after"].value, 6),
            low=None if np.isnan(figure["after"].low) else round(figure["after"].low, 6),
            high=None if np.isnan(figure["after"].high) else round(figure["after"].high, 6),
            data=comparison.data,
            split=data.selected,
            note=f"{converted.format} model; {100 * figure['change'].value:+.2f} points against float",
        )
        for name, figure in comparison.figures.items()
    )
