"""A small network that reproduces rows: the forward pass, one row at a time."""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.scaling import scaled_row


@kernel
def layer(
    given: NDArray[np.float64],
    weights: NDArray[np.float64],
    bias: NDArray[np.float64],
    found: NDArray[np.float64],
    least: float,
) -> None:
    """Bias plus weighted sum of what is given, at least `least`; `weights` is of shape (given · found,)."""
    width = len(found)
    for unit in range(width):
        found[unit] = bias[unit]
    for place in range(len(given)):
        value, row = given[place], weights[place * width : (place + 1) * width]
        for unit in range(width):
            found[unit] += value * row[unit]
    for unit in range(width):
        found[unit] = max(found[unit], least)


@kernel
def residual_row(
    row: NDArray[np.float64],
    reach: float,
    sizes: NDArray[np.int64],
    weights: NDArray[np.float64],
    biases: NDArray[np.float64],
    work: NDArray[np.float64],
) -> None:
    """Replace a row in units of scale by what the network does not reproduce of it.

    The network sees values up to `reach` only: beyond what it has learnt it could go on in a straight line. `work` is
    of shape (2, widest layer).
    """
    for feature in range(len(row)):
        work[0, feature] = min(max(row[feature], -reach), reach)
    weight = bias = 0
    last = len(sizes) - 2
    for at in range(last + 1):
        given, found = sizes[at], sizes[at + 1]
        layer(
            work[at % 2, :given],
            weights[weight : weight + given * found],
            biases[bias : bias + found],
            work[(at + 1) % 2, :found],
            0.0 if at < last else -math.inf,
        )
        weight, bias = weight + given * found, bias + found
    for feature in range(len(row)):
        row[feature] -= work[(last + 1) % 2, feature]


@kernel
def residuals(
    rows: NDArray[np.float64],
    scale: NDArray[np.float64],
    reach: float,
    sizes: NDArray[np.int64],
    weights: NDArray[np.float64],
    biases: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What the network does not reproduce of each row, in units of scale."""
    found, work = np.empty(rows.shape), np.empty((2, np.max(sizes)))
    for at in range(len(rows)):
        scaled_row(rows[at], scale, found[at])
        residual_row(found[at], reach, sizes, weights, biases, work)
    return found


@kernel
def residual_scores(
    rows: NDArray[np.float64],
    scale: NDArray[np.float64],
    reach: float,
    sizes: NDArray[np.int64],
    weights: NDArray[np.float64],
    biases: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The root mean square of the residuals of each row."""
    found = residuals(rows, scale, reach, sizes, weights, biases)
    scores = np.empty(len(rows))
    for at in range(len(rows)):
        total = 0.0
        for feature in range(rows.shape[1]):
            total += found[at, feature] * found[at, feature]
        scores[at] = math.sqrt(total / rows.shape[1])
    return scores
