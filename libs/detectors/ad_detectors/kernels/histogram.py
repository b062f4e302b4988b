"""How rare the bin of a value is, per feature and summed over all features."""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

FARTHEST = 1e100


@kernel
def bin_of(value: float, place: float, edges: NDArray[np.float64], line: int) -> int:
    """The k with edges[k] < value <= edges[k + 1]; -1 for a value on the lowest edge.

    `place` is that of the value between -1, the lowest, and 1, the highest edge. Bins are equally wide, so that it
    is wrong by one at most; the edges themselves decide, without a branch.
    """
    last = edges.shape[1] - 1
    guess = max(min(int((place + 1.0) * (0.5 * last)), last - 1), 0)
    return int(guess + np.int64(value > edges[line, guess + 1]) - np.int64(value <= edges[line, guess]))


@kernel
def bin_part(
    value: float,
    feature: int,
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
    halves: NDArray[np.float64],
    tolerance: float,
    tie: float,
) -> float:
    """The part of the bin with edges[k] < value <= edges[k + 1].

    Outside of all bins it is that of the outermost bin up to the tolerance, a share of a bin's width, then the
    rarest, growing with the logarithm of the square of the distance. A tie is broken by the distance from the
    middle of all bins, which adds less than `tie`. `halves` are the middle, 1 / half of the range and the
    rarest part of each feature.
    """
    last = parts.shape[1]
    place = (value - halves[feature, 0]) * halves[feature, 1]
    far = abs(place)
    if value <= edges[feature, 0] or value > edges[feature, last]:
        if (far - 1.0) * last > 2.0 * tolerance:
            return float(halves[feature, 2] + 2.0 * math.log2(min(max(far, 1.0), FARTHEST)) + tie)
        return float(parts[feature, 0 if place < 0.0 else last - 1] + tie * (0.5 * far))
    return float(parts[feature, bin_of(value, place, edges, feature)] + tie * (0.5 * far))


@kernel
def histogram_scores(
    matrix: NDArray[np.float64],
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
    halves: NDArray[np.float64],
    tolerance: float,
    tie: float,
) -> NDArray[np.float64]:
    """The sum of the parts of each row, in the order of the features."""
    scores = np.empty(matrix.shape[0])
    for row in range(matrix.shape[0]):
        total = 0.0
        for feature in range(matrix.shape[1]):
            total += bin_part(matrix[row, feature], feature, edges, parts, halves, tolerance, tie)
        scores[row] = total
    return scores


@kernel
def histogram_parts(
    matrix: NDArray[np.float64],
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
    halves: NDArray[np.float64],
    tolerance: float,
    tie: float,
) -> NDArray[np.float64]:
    """The part of each value."""
    found = np.empty(matrix.shape)
    for row in range(matrix.shape[0]):
        for feature in range(matrix.shape[1]):
            value = matrix[row, feature]
            found[row, feature] = bin_part(value, feature, edges, parts, halves, tolerance, tie)
    return found
