"""The nearest windows of another series for each window of a series, by walking along the diagonals.

The distance of two windows is the sum of the distances of their points, and the windows that start one point later
share all but one of them. So each pair of points is compared once, whatever the window, and the last rows of pairs
are kept. The sums are taken anew for each pair of windows: running ones would gather rounding errors, and a score would
depend on where the series starts. The innermost loops run over windows that do not depend on each other, so they are
compiled to vector instructions without a sum changing its order.
"""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel


@kernel
def point_distances(
    row: NDArray[np.float32], columns: NDArray[np.float32], into: NDArray[np.float32]
) -> None:
    """Squared distances of one point of shape (d,) to the columns of a matrix of shape (d, m)."""
    into[:] = 0.0
    for channel in range(len(row)):
        value, column = row[channel], columns[channel]
        for place in range(len(into)):
            apart = value - column[place]
            into[place] += apart * apart


@kernel
def keep_nearest(
    totals: NDArray[np.float32],
    first: int,
    last: int,
    distances: NDArray[np.float32],
    places: NDArray[np.int64],
) -> None:
    """Put the smallest totals of [first, last) into the ascending list of the nearest."""
    size = len(distances)
    for at in range(first, last):
        if totals[at] < distances[size - 1]:
            slot = size - 1
            while slot > 0 and distances[slot - 1] > totals[at]:
                distances[slot], places[slot] = distances[slot - 1], places[slot - 1]
                slot -= 1
            distances[slot], places[slot] = totals[at], at


@kernel
def nearest_windows(
    series: NDArray[np.float32],
    others: NDArray[np.float32],
    window: int,
    count: int,
    shift: int,
    apart: int,
) -> NDArray[np.int64]:
    """Where the windows of `others` start that are nearest to each window of `series`: int64 of shape (n, count).

    Nearest first; the earlier one of two that are as near; -1 where there are no more.

    Parameters
    ----------
    series : float32 of shape (n + window - 1, d)
    others : float32 of shape (d, m + window - 1)
    shift, apart : int
        Where window t of `series` itself starts among `others`, less t, and how far from there the windows start that
        count; apart is 0 for another series.
    """
    windows, known = series.shape[0] - window + 1, others.shape[1] - window + 1
    recent = np.zeros((window, others.shape[1]), np.float32)
    totals = np.empty(known, np.float32)
    places = np.full((windows, count), -1, np.int64)
    distances = np.empty(count, np.float32)
    for row in range(series.shape[0]):
        point_distances(series[row], others, recent[row % window])
        at = row - window + 1
        if at < 0:
            continue
        totals[:] = 0.0
        for offset in range(window):
            pairs = recent[(at + offset) % window]
            for place in range(known):
                totals[place] += pairs[place + offset]
        distances[:] = np.inf
        if apart == 0:
            keep_nearest(totals, 0, known, distances, places[at])
        else:
            keep_nearest(totals, 0, min(at + shift - apart + 1, known), distances, places[at])
            keep_nearest(totals, max(at + shift + apart, 0), known, distances, places[at])
    return places
