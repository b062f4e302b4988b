"""How rare the bin of a row is on random lines, summed over all lines."""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.histogram import bin_of

FARTHEST = 1e100


@kernel
def project(
    matrix: NDArray[np.float64],
    row: int,
    standard: NDArray[np.float64],
    features: NDArray[np.int64],
    weights: NDArray[np.float64],
    line: int,
) -> float:
    """The place of a row, standardised, on a line that looks at a few features only."""
    place = 0.0
    for at in range(features.shape[1]):
        feature = features[line, at]
        place += weights[line, at] * ((matrix[row, feature] - standard[0, feature]) / standard[1, feature])
    return place


@kernel
def projected(
    matrix: NDArray[np.float64],
    standard: NDArray[np.float64],
    features: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The places of all rows on all lines: float64 of shape (lines, n)."""
    places = np.empty((len(features), matrix.shape[0]))
    for line in range(len(features)):
        for row in range(matrix.shape[0]):
            places[line, row] = project(matrix, row, standard, features, weights, line)
    return places


@kernel
def line_part(
    place: float,
    line: int,
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
    halves: NDArray[np.float64],
    tie: float,
) -> float:
    """The part of bin k, where k of the edges lie below, the two highest edges left out.

    Outside of all bins it grows with the logarithm of the square of the distance. A tie is broken by the
    distance from the middle of all bins, which adds less than `tie`. `halves` are the middle and 1 / half of
    the range of each line.
    """
    last = parts.shape[1]
    offset = (place - halves[line, 0]) * halves[line, 1]
    far = abs(offset)
    if far > 1.0:
        return float(parts[line, 0 if offset < 0.0 else last - 1] + 2.0 * math.log(min(far, FARTHEST)) + tie)
    found = min(bin_of(place, offset, edges, line) + 1, last - 1)
    return float(parts[line, found] + tie * far)


@kernel
def line_scores(
    matrix: NDArray[np.float64],
    standard: NDArray[np.float64],
    features: NDArray[np.int64],
    weights: NDArray[np.float64],
    edges: NDArray[np.float64],
    parts: NDArray[np.float64],
    halves: NDArray[np.float64],
    tie: float,
) -> NDArray[np.float64]:
    """The mean of the parts of each row over the lines, divided by the number of lines once more."""
    scores = np.empty(matrix.shape[0])
    lines = len(features)
    for row in range(matrix.shape[0]):
        total = 0.0
        for line in range(lines):
            place = project(matrix, row, standard, features, weights, line)
            total += line_part(place, line, edges, parts, halves, tie)
        scores[row] = total / lines / lines
    return scores
