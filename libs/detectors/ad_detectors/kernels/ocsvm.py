"""The decision function of a one-class support vector machine with radial kernel, a tile of vectors at once.

The exponential is written out, so that the processor computes several at once and every machine gets the same bits.
"""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import inlined, kernel
from ad_detectors.kernels.scaling import FARTHEST
from ad_detectors.matrix import LARGEST

TILE = 256
LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
# Adding this to a small number leaves the nearest whole number in the lowest bits.
WHOLE = 6755399441055744.0
BIAS = 1023 << 52
LEAST = -700.0


@inlined
def exponentials(
    values: NDArray[np.float64], factor: float, power: NDArray[np.float64], bits: NDArray[np.int64]
) -> None:
    """Replace values by the exponentials of `factor` times them, which must be at most 0; `bits` views `power`.

    e^-700 stands for all below.

    e^x = 2^n · e^r with |r| of at most ln 2 / 2, and the series of e^r to the twelfth power.
    """
    for at in range(len(values)):
        value = max(values[at] * factor, LEAST)
        power[at] = value * LOG2_E + WHOLE
        whole = power[at] - WHOLE
        r = (value - whole * LN2_HIGH) - whole * LN2_LOW
        tail = 1.0 / 40320 + r * (
            1.0 / 362880 + r * (1.0 / 3628800 + r * (1.0 / 39916800 + r * (1.0 / 479001600)))
        )
        body = 1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040 + r * tail)))
        values[at] = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6 + r * body)))
    for at in range(len(values)):
        bits[at] = (bits[at] << 52) + BIAS
    for at in range(len(values)):
        values[at] *= power[at]


@inlined
def sum_pairwise(values: NDArray[np.float64]) -> float:
    """The sum of 2^k values, folded in halves; the values are lost."""
    half = len(values) // 2
    while half:
        for at in range(half):
            values[at] += values[half + at]
        half //= 2
    return float(values[0])


@inlined
def squared_distances(
    row: NDArray[np.float64], tile: NDArray[np.float64], found: NDArray[np.float64]
) -> None:
    """Write the squared distances of a row to a tile of vectors: four features at once, summed in their order."""
    width = len(row)
    for place in range(len(found)):
        found[place] = 0.0
    for feature in range(width % 4):
        value = row[feature]
        for place in range(len(found)):
            apart = value - tile[feature, place]
            found[place] += apart * apart
    for feature in range(width % 4, width, 4):
        one, two, three, four = row[feature], row[feature + 1], row[feature + 2], row[feature + 3]
        first, second, third = tile[feature], tile[feature + 1], tile[feature + 2]
        fourth = tile[feature + 3]
        for place in range(len(found)):
            total = found[place] + (one - first[place]) ** 2 + (two - second[place]) ** 2
            found[place] = total + (three - third[place]) ** 2 + (four - fourth[place]) ** 2


@inlined
def centred_row(
    rows: NDArray[np.float64],
    at: int,
    origin: NDArray[np.float64],
    scale: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """Write the distance of each value from the origin, which stands for a missing one, in units of its scale.

    Magnitudes stay up to 1e30, and distances up to 1e100.
    """
    for feature in range(len(found)):
        value = rows[at, feature]
        if np.isnan(value):
            value = origin[feature]
        value = (min(max(value, -LARGEST), LARGEST) - origin[feature]) / scale[feature]
        found[feature] = min(max(value, -FARTHEST), FARTHEST)


@kernel
def radial_scores(
    rows: NDArray[np.float64],
    origin: NDArray[np.float64],
    scale: NDArray[np.float64],
    tiles: NDArray[np.float64],
    weights: NDArray[np.float64],
    gamma: float,
    offset: float,
) -> NDArray[np.float64]:
    """`offset` minus the weighted sum of e^(-gamma · squared distance) to the support vectors.

    `tiles` is of shape (t, d, TILE), `weights` of shape (t, TILE), 0 where there is no vector.
    """
    scores, row, values = np.empty(len(rows)), np.empty(rows.shape[1]), np.empty(TILE)
    sums, power = np.empty(TILE), np.empty(TILE)
    bits = power.view(np.int64)
    for at in range(len(rows)):
        centred_row(rows, at, origin, scale, row)
        for place in range(TILE):
            sums[place] = 0.0
        for tile in range(len(tiles)):
            squared_distances(row, tiles[tile], values)
            exponentials(values, -gamma, power, bits)
            for place in range(TILE):
                sums[place] += weights[tile, place] * values[place]
        scores[at] = offset - sum_pairwise(sums)
    return scores


@kernel
def radial_contributions(
    rows: NDArray[np.float64],
    origin: NDArray[np.float64],
    scale: NDArray[np.float64],
    tiles: NDArray[np.float64],
    weights: NDArray[np.float64],
    gamma: float,
) -> NDArray[np.float64]:
    """What is lacking of each vector's weight, shared by the squared differences from the vector."""
    parts, row, apart = np.zeros(rows.shape), np.empty(rows.shape[1]), np.empty(TILE)
    shares, power = np.empty(TILE), np.empty(TILE)
    bits = power.view(np.int64)
    for at in range(len(rows)):
        centred_row(rows, at, origin, scale, row)
        for tile in range(len(tiles)):
            squared_distances(row, tiles[tile], apart)
            for place in range(TILE):
                shares[place] = apart[place]
            exponentials(shares, -gamma, power, bits)
            for place in range(TILE):
                lacking = weights[tile, place] * (1.0 - shares[place])
                shares[place] = lacking / apart[place] if apart[place] > 0.0 else 0.0
            for feature in range(len(row)):
                for place in range(TILE):
                    difference = row[feature] - tiles[tile, feature, place]
                    parts[at, feature] += difference * shares[place] * difference
    return parts
