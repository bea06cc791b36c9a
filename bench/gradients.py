"""What directions of edges alone tell of engagement: the floor under every network. Prints JSON.

python bench/gradients.py DATA [--folds 3] [--seeds 0 1 2]

Histograms of oriented gradients of the faces the networks see, and logistic regression, in the very
folds of `train evaluate --folds`: every subject is scored by a model that never saw them. Each figure
is its mean over the seeds, and so is its 95 % interval over subjects.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).parents[1]))

from train.datasets import read
from train.datasets.arrays import to_arrays
from train.datasets.dataset import Dataset
from train.figures.draws import Estimate
from train.figures.measures import Measures, measure
from train.figures.seeds import mean
from train.judging.crossval import subject_folds

SIDE, DIRECTIONS, STRENGTH = 48, 9, 0.01


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    dataset = read(arguments.data)
    faces = to_arrays(dataset, size=SIDE).x
    cells = cv2.HOGDescriptor((SIDE, SIDE), (16, 16), (8, 8), (8, 8), DIRECTIONS)
    features = np.stack([np.ravel(cells.compute(face)) for face in faces])
    runs = [cross_validated(dataset, features, arguments.folds, seed) for seed in arguments.seeds]
    figures = {}
    for same in zip(*(run.figures for run in runs), strict=True):
        over = mean([Estimate(one.value, one.low, one.high) for one in same])
        figures[same[0].name] = [round(part, 3) for part in (over.value, over.low, over.high)]
    print(json.dumps({"data": dataset.name, "folds": arguments.folds, "seeds": arguments.seeds, "figures": figures}))
    return 0


def cross_validated(dataset: Dataset, features: NDArray[np.float32], folds: int, seed: int) -> Measures:
    parts = subject_folds(dataset, folds, seed)
    labels = np.array([sample.label for sample in dataset.samples])
    groups = np.array([sample.group for sample in dataset.samples])
    shares = np.zeros((len(dataset), len(dataset.labels)))
    for fold in range(folds):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
        model.fit(features[parts != fold], labels[parts != fold])
        shares[parts == fold] = model.predict_proba(features[parts == fold])
    return measure(shares, labels, groups, dataset.labels)


if __name__ == "__main__":
    sys.exit(main())
