"""The largest raw scores of an entity one by one, so that its smallest p-values are exact.

The buckets of `conformal` are a sixteenth of an octave wide: too coarse where scores are bounded or nearly tied.
Here the largest distinct ones are listed in descending order with the rows that had them. The list is complete
for scores above its floor, among the rows since it was begun. One whose entries have mostly faded begins anew.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.conformal import FORGOTTEN

LISTED = 64
LARGEST_FLOAT32 = 3e38

Scores = NDArray[np.float32]


@kernel
def as_listed(raw: float) -> np.float32:
    """A raw score as the list remembers it."""
    return np.float32(min(raw, LARGEST_FLOAT32))


@kernel
def listed_probability(scores: Scores, weights: Scores, rows: float, floor: float, raw: float) -> float:
    """The p-value of a raw score among the rows of the list; 1 for one that the list does not cover."""
    own = as_listed(raw)
    if own <= floor:
        return 1.0
    above = 0.0
    place = 0
    while place < LISTED and weights[place] > 0.0 and scores[place] >= own:
        above += weights[place]
        place += 1
    return (above + 1.0) / (rows + 1.0)


@kernel
def listed_radius(scores: Scores, weights: Scores, rows: float, floor: float, level: float) -> float:
    """The largest raw score whose `listed_probability` is not below the level."""
    allowed = level * (rows + 1.0)
    if allowed <= 1.0:
        return math.inf
    above = 0.0
    for place in range(LISTED):
        if weights[place] <= 0.0:
            break
        above += weights[place]
        if above + 1.0 >= allowed:
            return float(scores[place])
    return floor


@kernel
def list_raw(scores: Scores, weights: Scores, floor: float, raw: float) -> float:
    """Put a raw score into its place; return the new floor, which rises when the list runs over."""
    own = as_listed(raw)
    if own <= floor:
        return floor
    place = 0
    while place < LISTED and weights[place] > 0.0 and scores[place] > own:
        place += 1
    if place == LISTED:
        return float(own)
    if weights[place] > 0.0 and scores[place] == own:
        weights[place] += np.float32(1.0)
        return floor
    if weights[LISTED - 1] > 0.0:
        floor = float(scores[LISTED - 1])
    for other in range(LISTED - 1, place, -1):
        scores[other] = scores[other - 1]
        weights[other] = weights[other - 1]
    scores[place] = own
    weights[place] = np.float32(1.0)
    return floor


@kernel
def fade_list(scores: Scores, weights: Scores, rows: float, floor: float) -> tuple[float, float]:
    """Take half of every weight and drop the least; return the rows of the list and its floor."""
    kept = 0
    for place in range(LISTED):
        half = weights[place] * np.float32(0.5)
        if half >= FORGOTTEN:
            scores[kept] = scores[place]
            weights[kept] = half
            kept += 1
    if floor > 0.0 and 2 * kept < LISTED:
        kept = 0
        rows = 0.0
        floor = 0.0
    scores[kept:] = np.float32(0.0)
    weights[kept:] = np.float32(0.0)
    return rows * 0.5, floor
