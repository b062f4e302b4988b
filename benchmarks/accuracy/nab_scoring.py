"""The score of the Numenta Anomaly Benchmark: few, early, sparse alerts are worth most.

Lavin and Ahmad, Evaluating real-time anomaly detection algorithms, 2015, section 3. Scores lie in [0, 1]; one
threshold, the best one, serves the whole corpus.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Window = tuple[int, int]
"""First and last row of a labelled anomaly."""

IGNORED_SHARE, MOST_IGNORED = 0.15, 750
FAR = 3.0


@dataclass(frozen=True)
class Weights:
    """What a found window is worth, and what a false alert and a missed window cost."""

    found: float
    false: float
    missed: float


@dataclass(frozen=True, eq=False)
class Labelled:
    """The windows of one series and the scores that a detector gave its rows: float64 of shape (n,)."""

    scores: Floats
    windows: Sequence[Window]


def sigmoid(position: Floats) -> Floats:
    """From 1 far left to -1 far right; 0 at 0."""
    return np.asarray(2.0 / (1.0 + np.exp(5.0 * np.minimum(position, FAR))) - 1.0, np.float64)


def rewards(window: Window) -> Floats:
    """The part of the full worth that each row of a window earns, when it is the first alert there."""
    left, right = window
    until_end = np.arange(right - left + 1, 0, -1) / (right - left + 1)
    return sigmoid(-until_end) / sigmoid(np.array(-1.0))


def penalties(rows: int, windows: Sequence[Window]) -> Floats:
    """The part of the full cost of each row as a false alert; less shortly after a window; 0 within."""
    found = np.ones(rows)
    for left, right in windows:
        after = np.arange(1, rows - right) / max(right - left, 1)
        found[right + 1 :] = np.where(after > FAR, 1.0, -sigmoid(after))
    for left, right in windows:
        found[left : right + 1] = 0.0
    return found


def best_score(corpus: Sequence[Labelled], weights: Weights) -> tuple[float, float]:
    """The score at the best threshold, and that threshold: 0 without alerts, 100 when all is found at once."""
    parts = [_steps(one, weights) for one in corpus]
    thresholds, gains = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(-thresholds, kind="stable")
    thresholds, totals = thresholds[order], np.cumsum(gains[order])
    last = np.append(thresholds[1:] != thresholds[:-1], True)
    best = int(np.argmax(np.where(last, totals, -np.inf)))
    windows = sum(len(one.windows) for one in corpus)
    if totals[best] <= 0.0 or windows == 0:
        return 0.0, np.inf
    return float(100.0 * totals[best] / (windows * (weights.found + weights.missed))), float(thresholds[best])


def _steps(one: Labelled, weights: Weights) -> tuple[Floats, Floats]:
    """The thresholds at which the worth of a series changes, when the threshold falls, and by how much."""
    start = int(min(IGNORED_SHARE * len(one.scores), MOST_IGNORED))
    costs = -weights.false * penalties(len(one.scores), one.windows)
    outside = start + np.flatnonzero(costs[start:] < 0.0)
    thresholds, gains = [one.scores[outside]], [costs[outside]]
    for left, right in one.windows:
        first = max(left, start)
        if first > right:
            continue
        scores = one.scores[first : right + 1]
        # The first alert is one of the rows that outdo all before them; each gives way to the one before it.
        records = np.flatnonzero(scores > np.concatenate([[-np.inf], np.maximum.accumulate(scores)[:-1]]))
        worth = weights.found * rewards((left, right))[records + first - left] + weights.missed
        thresholds.append(scores[records])
        gains.append(worth - np.append(worth[1:], 0.0))
    return np.concatenate(thresholds), np.concatenate(gains)
