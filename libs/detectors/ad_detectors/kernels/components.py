"""Weighted distances of rows, standardised, from the ends of the principal components.

The innermost loops run over components that do not depend on each other, so they are compiled to vector
instructions without a sum changing its order.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel


@kernel
def distances_from(
    matrix: NDArray[np.float64],
    row: int,
    standard: NDArray[np.float64],
    ends: NDArray[np.float64],
    into: NDArray[np.float64],
) -> None:
    """Write the distance of a row from each column of `ends`."""
    for component in range(len(into)):
        into[component] = 0.0
    for feature in range(matrix.shape[1]):
        value = (matrix[row, feature] - standard[0, feature]) / standard[1, feature]
        for component in range(len(into)):
            away = value - ends[feature, component]
            into[component] += away * away
    for component in range(len(into)):
        into[component] = math.sqrt(into[component])


@kernel
def component_scores(
    matrix: NDArray[np.float64],
    standard: NDArray[np.float64],
    ends: NDArray[np.float64],
    factors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The sum of the distances, each times its factor."""
    scores = np.empty(matrix.shape[0])
    away = np.empty(len(factors))
    for row in range(matrix.shape[0]):
        distances_from(matrix, row, standard, ends, away)
        total = 0.0
        for component in range(len(factors)):
            total += away[component] * factors[component]
        scores[row] = total
    return scores


@kernel
def component_parts(
    matrix: NDArray[np.float64],
    standard: NDArray[np.float64],
    ends: NDArray[np.float64],
    factors: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What each feature adds to the score of the mean row: |z - v| - |v| = z · (z - 2 v) / (|z - v| + |v|)."""
    parts = np.zeros(matrix.shape)
    away, lengths = np.empty(len(factors)), np.empty(len(factors))
    distances_from(standard, 0, standard, ends, lengths)
    for row in range(matrix.shape[0]):
        distances_from(matrix, row, standard, ends, away)
        for component in range(len(factors)):
            both = away[component] + lengths[component]
            factor = factors[component] / both if both > 0.0 else 0.0
            for feature in range(matrix.shape[1]):
                value = (matrix[row, feature] - standard[0, feature]) / standard[1, feature]
                parts[row, feature] += value * (value - 2.0 * ends[feature, component]) * factor
    return parts
