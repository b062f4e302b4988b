"""Squared distances in units of a covariance: rows are moved to a centre, then whitened.

The innermost loops run over components that do not depend on each other, so they are compiled to vector
instructions without a sum changing its order. All arrays are whole, with an index: a slice in a loop costs more
than the loop.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel


@kernel
def whiten(
    matrix: NDArray[np.float64],
    row: int,
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
    part: int,
    into: NDArray[np.float64],
) -> float:
    """Write (row - origin - shift) @ whitening and return its squared length."""
    for component in range(len(into)):
        into[component] = 0.0
    for feature in range(matrix.shape[1]):
        away = matrix[row, feature] - origin[feature] - shifts[part, feature]
        for component in range(len(into)):
            into[component] += away * whitenings[part, feature, component]
    total = 0.0
    for component in range(len(into)):
        total += into[component] * into[component]
    return total


@kernel
def add_parts(
    matrix: NDArray[np.float64],
    row: int,
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
    part: int,
    white: NDArray[np.float64],
    factor: float,
    into: NDArray[np.float64],
) -> None:
    """Add, times a factor, what each feature has in the squared length: its value times its row of the precision."""
    for feature in range(matrix.shape[1]):
        total = 0.0
        for component in range(len(white)):
            total += whitenings[part, feature, component] * white[component]
        away = matrix[row, feature] - origin[feature] - shifts[part, feature]
        into[row, feature] += factor * away * total


@kernel
def whiten_four(
    matrix: NDArray[np.float64],
    row: int,
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
    into: NDArray[np.float64],
    lengths: NDArray[np.float64],
) -> None:
    """What `whiten` does, bit for bit, of four rows with the first centre: each weight is loaded once for all four."""
    width = into.shape[1]
    for component in range(width):
        into[0, component] = into[1, component] = into[2, component] = into[3, component] = 0.0
    for feature in range(matrix.shape[1]):
        start, shift = origin[feature], shifts[0, feature]
        first, second = matrix[row, feature] - start - shift, matrix[row + 1, feature] - start - shift
        third, fourth = matrix[row + 2, feature] - start - shift, matrix[row + 3, feature] - start - shift
        for component in range(width):
            weight = whitenings[0, feature, component]
            into[0, component] += first * weight
            into[1, component] += second * weight
            into[2, component] += third * weight
            into[3, component] += fourth * weight
    for place in range(4):
        total = 0.0
        for component in range(width):
            total += into[place, component] * into[place, component]
        lengths[row + place] = total


@kernel
def squared_distances(
    matrix: NDArray[np.float64],
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The squared length of each row, whitened for the first centre."""
    distances = np.empty(matrix.shape[0])
    white = np.empty((4, whitenings.shape[2]))
    grouped = matrix.shape[0] // 4 * 4
    for row in range(0, grouped, 4):
        whiten_four(matrix, row, origin, shifts, whitenings, white, distances)
    for row in range(grouped, matrix.shape[0]):
        distances[row] = whiten(matrix, row, origin, shifts, whitenings, 0, white[0])
    return distances


@kernel
def squared_parts(
    matrix: NDArray[np.float64],
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What each feature has in the squared length of each row."""
    parts = np.zeros(matrix.shape)
    white = np.empty(whitenings.shape[2])
    for row in range(matrix.shape[0]):
        whiten(matrix, row, origin, shifts, whitenings, 0, white)
        add_parts(matrix, row, origin, shifts, whitenings, 0, white, 1.0, parts)
    return parts


@kernel
def shares_of(logs: NDArray[np.float64]) -> float:
    """Turn logarithms into shares of their sum and return the logarithm of the sum."""
    highest = logs[0]
    for part in range(1, len(logs)):
        highest = max(highest, logs[part])
    total = 0.0
    for part in range(len(logs)):
        logs[part] = math.exp(logs[part] - highest)
        total += logs[part]
    for part in range(len(logs)):
        logs[part] /= total
    return float(highest + math.log(total))


@kernel
def mixture_scores(
    matrix: NDArray[np.float64],
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
    peaks: NDArray[np.float64],
) -> NDArray[np.float64]:
    """-log of the density of each row; `peaks` are the weighted log densities in the centres."""
    scores = np.empty(matrix.shape[0])
    white, logs = np.empty(whitenings.shape[2]), np.empty(len(peaks))
    for row in range(matrix.shape[0]):
        for part in range(len(peaks)):
            squared = whiten(matrix, row, origin, shifts, whitenings, part, white)
            logs[part] = peaks[part] - 0.5 * squared
        scores[row] = -shares_of(logs)
    return scores


@kernel
def mixture_parts(
    matrix: NDArray[np.float64],
    origin: NDArray[np.float64],
    shifts: NDArray[np.float64],
    whitenings: NDArray[np.float64],
    peaks: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Half of the parts of the squared lengths, weighted by the shares of the components in the density."""
    parts = np.zeros(matrix.shape)
    white, logs = np.empty(whitenings.shape[2]), np.empty(len(peaks))
    for row in range(matrix.shape[0]):
        for part in range(len(peaks)):
            squared = whiten(matrix, row, origin, shifts, whitenings, part, white)
            logs[part] = peaks[part] - 0.5 * squared
        shares_of(logs)
        for part in range(len(peaks)):
            if logs[part] > 0.0:
                whiten(matrix, row, origin, shifts, whitenings, part, white)
                factor = 0.5 * logs[part]
                add_parts(matrix, row, origin, shifts, whitenings, part, white, factor, parts)
    return parts
