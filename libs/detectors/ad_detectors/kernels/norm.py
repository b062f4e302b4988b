"""Distance from an interval of normal values, per feature and over all features."""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.matrix import LARGEST

FARTHEST = 1e100


@kernel
def distance(value: float, low: float, high: float, scale: float) -> float:
    """How far a value lies outside [low, high], in units of scale; 0 inside, and where it is missing."""
    if np.isnan(value):
        return 0.0
    value = min(max(value, -LARGEST), LARGEST)
    outside = max(low - value, value - high, 0.0)
    return min(outside / scale, FARTHEST)


@kernel
def interval_norms(matrix: NDArray[np.float64], interval: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Euclidean norm of the distances of each row, summed in the order of the features.

    `interval` has lower bound, upper bound and unit of each feature: float64 of shape (3, d).
    """
    norms = np.empty(matrix.shape[0])
    for row in range(matrix.shape[0]):
        total = 0.0
        for feature in range(matrix.shape[1]):
            far = distance(
                matrix[row, feature], interval[0, feature], interval[1, feature], interval[2, feature]
            )
            total += far * far
        norms[row] = math.sqrt(total)
    return norms


@kernel
def interval_contributions(matrix: NDArray[np.float64], interval: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squared distance of each feature divided by the norm of its row: they sum to the norm."""
    norms = interval_norms(matrix, interval)
    parts = np.zeros(matrix.shape)
    for row in range(matrix.shape[0]):
        if norms[row] > 0.0:
            for feature in range(matrix.shape[1]):
                far = distance(
                    matrix[row, feature], interval[0, feature], interval[1, feature], interval[2, feature]
                )
                parts[row, feature] = far / norms[row] * far
    return parts
