"""The same faces as a camera sees them: farther away, in poor light, with noise, compressed. What is left?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from train.datasets.dataset import Dataset
from train.figures.brief import brief, mean, worth
from train.figures.draws import Floats, draw
from train.judging.comparison import Comparison, Row, figures_of
from train.judging.evaluate import AS_SEEN, matched
from train.judging.scorer import Score
from train.seeing.camera import as_seen
from train.seeing.conditions import CONDITIONS

__all__ = ["PUBLISHED", "Answers", "compare_conditions", "look"]

Answers = Mapping[str, NDArray[np.float32]]
"""What a network says of the same faces under each condition, in its own labels."""

PUBLISHED = "as published"


def look(score: Score, crops: NDArray[np.uint8], *, seed: int = 0) -> Answers:
    """Ask about every face under every condition; noise and the faces' places are drawn from `seed`."""
    answers = {PUBLISHED: score(crops)}
    for number, (name, how) in enumerate(CONDITIONS.items()):
        answers[name] = score(as_seen(crops, how, np.random.default_rng([seed, number])))
    return answers


def compare_conditions(answers: Answers, dataset: Dataset, labels: tuple[str, ...], *, seed: int = 0) -> Comparison:
    """`labels` are the network's own. All conditions share their draws, so a change is that of paired samples."""
    draws = draw(np.array([sample.group for sample in dataset.samples]), seed=seed)
    published, value = answers[PUBLISHED].astype(float), worth(labels)
    rows: list[Row] = []
    for name, given in answers.items():
        fitting, p = matched(dataset, given, labels)
        y = np.array([sample.label for sample in fitting.samples], np.int64)
        figures: dict[str, Floats] = brief(draws, p.astype(float), y, fitting.labels)
        if value is not None:
            engaged, before = given.astype(float) @ value, published @ value
            figures["mean engaged"] = mean(draws, engaged)
            figures["shift of engaged"] = mean(draws, engaged - before)
            figures["change a face"] = mean(draws, np.abs(engaged - before))
        stays = given.argmax(axis=1) == published.argmax(axis=1)
        figures["same answer"] = mean(draws, stays.astype(float))
        rows.append(Row(name=name, samples=len(y), subjects=draws.times.shape[1], figures=figures_of(figures)))
    title = "As a camera sees them: pixels that the crop of a face covers in the camera's picture"
    return Comparison(name=AS_SEEN, title=title, rows=tuple(rows))
