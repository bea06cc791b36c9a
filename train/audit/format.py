"""Can the file's format alone (size, colour, sharpness) predict the label? Then a network will read that."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from train.audit.prints import FORMAT
from train.figures.draws import FEWEST

__all__ = ["FormatLeak", "format_leak"]

_MOST = 12_000
_DRAWS = 400
_MATTERS = 0.1


class FormatLeak(msgspec.Struct, frozen=True, kw_only=True):
    """Balanced accuracy of a logistic regression on held-out groups."""

    score: float
    low: float
    high: float
    """95 % by bootstrap over groups."""
    chance_low: float
    chance_high: float
    """95 % of what shuffled labels reach."""
    folds: int
    by_feature: dict[str, float]
    """The same with one feature at a time."""

    labels: int

    @property
    def skill(self) -> float:
        """0 where it guesses, 1 where it knows."""
        chance = 1 / self.labels
        return (self.score - chance) / (1 - chance)

    @property
    def leaks(self) -> bool:
        # Sharpness says a little about every face (an open mouth has edges); that alone is no leak.
        return self.low > self.chance_high and self.skill > _MATTERS


def format_leak(
    formats: NDArray[np.float64], labels: NDArray[np.int64], groups: NDArray[np.int64], *, seed: int = 0
) -> FormatLeak | None:
    """None where there are too few groups or labels to hold any out and draw an interval."""
    draw = np.random.default_rng(seed)
    rows = draw.permutation(len(labels))[:_MOST]
    formats, labels, groups = formats[rows], labels[rows], groups[rows]
    folds = min(5, len(np.unique(groups)), int(np.bincount(labels)[np.unique(labels)].min()))
    if folds < 2 or len(np.unique(groups)) < FEWEST or len(np.unique(labels)) < 2:
        return None
    guesses = _held_out(formats, labels, groups, folds, seed)
    shuffled = [_balanced(draw.permutation(labels), guesses) for _ in range(_DRAWS)]
    drawn = _bootstrap(labels, guesses, groups, draw)
    (low, high), (chance_low, chance_high) = (np.quantile(v, (0.025, 0.975)) for v in (drawn, shuffled))
    single = {
        name: _balanced(labels, _held_out(formats[:, [n]], labels, groups, folds, seed))
        for n, name in enumerate(FORMAT)
        if np.ptp(formats[:, n]) > 0
    }
    return FormatLeak(
        score=_balanced(labels, guesses),
        low=float(low),
        high=float(high),
        chance_low=float(chance_low),
        chance_high=float(chance_high),
        folds=folds,
        labels=len(np.unique(labels)),
        by_feature=dict(sorted(single.items(), key=lambda item: -item[1])),
    )


def _held_out(
    x: NDArray[np.float64], y: NDArray[np.int64], groups: NDArray[np.int64], folds: int, seed: int
) -> NDArray[np.int64]:
    guesses = np.zeros_like(y)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for fit, held in splitter.split(x, y, groups):
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=300))
        if len(np.unique(y[fit])) > 1:
            guesses[held] = model.fit(x[fit], y[fit]).predict(x[held])
    return guesses


def _balanced(y: NDArray[np.int64], guesses: NDArray[np.int64]) -> float:
    return float(recall_score(y, guesses, labels=np.unique(y), average="macro", zero_division=0))


def _bootstrap(
    y: NDArray[np.int64], guesses: NDArray[np.int64], groups: NDArray[np.int64], draw: np.random.Generator
) -> list[float]:
    """Draw groups with replacement; a table of hits by group and label makes each draw a sum."""
    labels, y_at = np.unique(y, return_inverse=True)
    members, group_at = np.unique(groups, return_inverse=True)
    hits, counts = np.zeros((2, len(members), len(labels)))
    np.add.at(counts, (group_at, y_at), 1)
    np.add.at(hits, (group_at, y_at), y == guesses)
    scores: list[float] = []
    for _ in range(_DRAWS):
        times = draw.multinomial(len(members), np.full(len(members), 1 / len(members)))
        total = times @ counts
        if total.all():
            scores.append(float(np.mean((times @ hits) / total)))
    return scores or [float("nan")]
