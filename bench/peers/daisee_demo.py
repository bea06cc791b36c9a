# /// script
# requires-python = "==3.11.*"
# dependencies = ["torch==2.13.0", "opencv-python-headless==4.14.0.94", "numpy==2.4.6"]
# ///
"""The network of a DAiSEE demo: ResNet-18 and an LSTM over 8 pictures of 112x112 of each face, random weights.

Words: the clip's truth, for it is told where the faces are; and `anew` to see all eight pictures for each
verdict, or `kept` to keep the features of the seven before, which costs one ResNet-18 pass a face, not eight.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from frames import serve
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)
SIDE, STEPS, HIDDEN, LABELS = 112, 8, 256, 2
boxes = [face[1:] for face in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["frames"][0]["faces"]]


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after))
        self.second = nn.Sequential(nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        self.aside = nn.Sequential()
        if before != after:
            self.aside = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.aside(x) + self.second(functional.relu(self.first(x))))


resnet18 = nn.Sequential(
    nn.Conv2d(3, 64, 7, 2, 3, bias=False),
    nn.BatchNorm2d(64),
    nn.ReLU(),
    nn.MaxPool2d(3, 2, 1),
    *(Block(64, 64, 1), Block(64, 64, 1), Block(64, 128, 2), Block(128, 128, 1)),
    *(Block(128, 256, 2), Block(256, 256, 1), Block(256, 512, 2), Block(512, 512, 1)),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
).eval()
lstm, head = nn.LSTM(512, HIDDEN, batch_first=True).eval(), nn.Linear(HIDDEN, LABELS).eval()
new = {"anew": STEPS, "kept": 1}[sys.argv[2]]
remembered = torch.zeros(len(boxes), STEPS, 512)


@torch.inference_mode()
def find(image: Any) -> list[tuple[float, ...]]:
    crops = [cv2.resize(image[y : y + h, x : x + w], (SIDE, SIDE)) for x, y, w, h in boxes]
    x = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
    remembered[:, :-new] = remembered[:, new:].clone()
    # The same picture eight times costs what eight pictures do.
    remembered[:, -new:] = resnet18(x.repeat_interleave(new, 0)).view(len(boxes), new, 512)
    head(lstm(remembered)[0][:, -1]).softmax(1)
    return []


serve(find)
