"""How far out in its feature's training values a value lies, per feature and summed over all features."""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

FARTHEST = 1e100
TILE = 2048


@kernel
def tail_part(
    value: float,
    feature: int,
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    at: NDArray[np.float64],
    between: NDArray[np.float64],
    units: NDArray[np.float64],
) -> float:
    """The part at a training value, or in the gap between two; outside of all it grows with the distance.

    Those of a feature are `values[starts[feature]:starts[feature + 1]]`, ascending; `between` has one gap more
    for each feature, and `units` the units of distance below and above all of them.
    """
    low, count = starts[feature], starts[feature + 1] - starts[feature]
    if value < values[low]:
        return float(between[low + feature] + beyond(values[low] - value, units[feature, 0]))
    top = low + count - 1
    if value > values[top]:
        return float(between[top + 1 + feature] + beyond(value - values[top], units[feature, 1]))
    # The first training value that is not below; a step without a branch.
    found = low
    while count > 1:
        half = count >> 1
        found += half * np.int64(values[found + half - 1] < value)
        count -= half
    return float(at[found] if values[found] == value else between[found + feature])


@kernel
def beyond(distance: float, unit: float) -> float:
    """The logarithm of the square of 1 + distance / unit."""
    return 2.0 * math.log1p(min(distance / unit, FARTHEST))


@kernel
def tail_scores(
    matrix: NDArray[np.float64],
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    at: NDArray[np.float64],
    between: NDArray[np.float64],
    units: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The sum of the parts of each row, in the order of the features."""
    scores = np.zeros(matrix.shape[0])
    # Feature by feature within a tile of rows, so that the training values of one stay in the cache.
    for start in range(0, matrix.shape[0], TILE):
        stop = min(start + TILE, matrix.shape[0])
        for feature in range(matrix.shape[1]):
            for row in range(start, stop):
                scores[row] += tail_part(matrix[row, feature], feature, values, starts, at, between, units)
    return scores


@kernel
def tail_parts(
    matrix: NDArray[np.float64],
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    at: NDArray[np.float64],
    between: NDArray[np.float64],
    units: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The part of each value."""
    parts = np.empty(matrix.shape)
    for row in range(matrix.shape[0]):
        for feature in range(matrix.shape[1]):
            parts[row, feature] = tail_part(matrix[row, feature], feature, values, starts, at, between, units)
    return parts
