"""What to expect of devices that were not at hand: measured work over published speeds. Prints JSON.

python bench/derive.py [--smallest-face 24]

The work is counted on the sample clip: looks of the detector and faces asked of the classifier, times the
multiply-adds of each. The speeds are what others published for int8 networks of the same kind on each device.
Only the two networks are counted: decoding, crops and tracking come on top, on a desktop six tenths as much.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from convert.graph.flatbuffer import parse  # noqa: E402
from edge.config import Config  # noqa: E402
from edge.config.sections import Vision  # noqa: E402
from edge.flow import Frame  # noqa: E402
from edge.model import bundle  # noqa: E402
from edge.model.scores import Classifier  # noqa: E402
from edge.stages import Stages  # noqa: E402
from edge.verdicts import Verdicts  # noqa: E402
from edge.wiring import build_vision  # noqa: E402

CLIP, FPS = ROOT / "edge" / "demo" / "classroom.mp4", 15
MOBILENET_1, MOBILENET_2, GOOGLENET = 569, 300, 1500  # million multiply-adds, 224 x 224, by their authors


@dataclass(frozen=True)
class Device:
    name: str
    cores: int
    """That the published figures were measured on."""
    speeds: tuple[float, float]
    """Thousand million multiply-adds a second, the lower and the higher of the published figures."""
    sources: tuple[str, ...]


DEVICES = (
    Device(
        "Raspberry Pi 4",
        4,
        (MOBILENET_2 / 17, MOBILENET_1 / 24),
        ("XNNPACK's README, 8 February 2022: int8 MobileNet v2 17 ms and v1 24 ms on BCM2711, ARM64, all cores",),
    ),
    Device(
        "Raspberry Pi 5",
        4,
        (GOOGLENET / 25.33, MOBILENET_2 / 4.01),
        (
            "developer.arm.com: int8 GoogLeNet 25.33 ms (ExecuTorch with XNNPACK, Raspberry Pi 5), threads not told",
            "learn.arm.com, ExecuTorch on Arm: int8 MobileNetV2 4.01 ms on a Raspberry Pi, threads not told",
        ),
    ),
    Device(
        "Jetson Orin Nano",
        1,
        (MOBILENET_1 / 16.14 * 1.5 / 2.2, MOBILENET_1 / 16.14 * 1.7 / 2.2),
        ("ncnn's benchmark README: int8 MobileNet 16.14 ms on a core of a Jetson AGX Orin; 2.2 GHz to 1.5 and 1.7",),
    ),
)


class Counting(Classifier):
    asked = 0

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked += len(x)
        return super().probabilities(x)


def work(smallest_face: int) -> tuple[float, float]:
    """Looks, and faces asked about, a second of the sample clip."""
    vision = build_vision(Config(vision=Vision(smallest_face=smallest_face)))
    classifier = Counting(bundle.load(bundle.shipped("engagement"), kind="engagement"))
    verdicts, video = Verdicts(classifier, Stages()), cv2.VideoCapture(str(CLIP))
    looks, number = 0, 0
    while (read := video.read())[0]:
        frame = Frame(np.asarray(read[1], np.uint8), number / FPS, number)
        sight = vision.see(frame)
        verdicts.on(frame, sight.faces)
        looks, number = looks + sight.looks, number + 1
    return looks * FPS / number, classifier.asked * FPS / number


def million_macs(name: str) -> float:
    return parse((bundle.shipped(name) / "model.tflite").read_bytes(), name).total_macs() / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smallest-face", type=int, default=Vision().smallest_face)
    smallest = parser.parse_args().smallest_face
    look, face = million_macs("detector"), million_macs("engagement")
    looks, faces = work(smallest)
    thousand_million = (looks * look + faces * face) / 1000
    print(
        json.dumps(
            {
                "derived": "not measured on any of these devices",
                "million_macs": {"look": round(look), "face": round(face)},
                "smallest_face": smallest,
                "a_second_of_the_clip": {
                    "looks": round(looks, 1),
                    "faces": round(faces, 1),
                    "thousand_million_macs": round(thousand_million, 1),
                },
                "devices": [
                    {
                        "name": device.name,
                        "cores": device.cores,
                        "thousand_million_macs_a_second": [round(speed, 1) for speed in device.speeds],
                        "ms_a_look": [round(look / speed, 1) for speed in device.speeds[::-1]],
                        "ms_a_face": [round(face / speed, 1) for speed in device.speeds[::-1]],
                        "share_of_the_time": [round(thousand_million / speed, 2) for speed in device.speeds[::-1]],
                        "sources": device.sources,
                    }
                    for device in DEVICES
                ],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
