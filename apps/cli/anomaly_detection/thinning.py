"""Fewer points of a long series that look the same when they are drawn."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.matrix import Floats

MOST_POINTS = 4000
MOST_STEPS = 300


def kept_points(values: Floats, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """The rows to draw, ascending: all, or the lowest and the highest value of each of `most` / 2 stretches.

    Examples
    --------
    >>> kept_points(np.array([1.0, 9.0, 2.0, 3.0, -5.0, 4.0]), most=4).tolist()
    [0, 1, 4, 5]
    """
    if len(values) <= most:
        return np.arange(len(values))
    starts = np.linspace(0, len(values), most // 2, endpoint=False).astype(np.int64)
    stretch = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    # Missing values come last in this order, so that they are neither lowest nor highest among others.
    ordered = np.lexsort((values, stretch))
    present = ordered[~np.isnan(values[ordered])]
    edges = np.flatnonzero(np.diff(stretch[present])) + 1
    lowest = present[np.append(0, edges)] if len(present) else present
    highest = present[np.append(edges, len(present)) - 1] if len(present) else present
    return np.unique(np.concatenate([lowest, highest]))


def outline(
    rows: NDArray[np.int64], lower: Floats, upper: Floats, expected: Floats, most: int = MOST_STEPS
) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Bounds as few enough steps to be seen: of each stretch of rows the widest bounds and the middle expected value.

    Up to twice as many points are left alone. Each step stands at the first row of its stretch; the last ends at
    the last row. Missing values (NaN) count only where a stretch has nothing else.

    Examples
    --------
    >>> lower = np.array([1.0, 0.0, 2.0, 2.0, 1.0, 3.0])
    >>> [part.tolist() for part in outline(np.arange(6), lower, lower + 5.0, lower + 1.0, most=2)]
    [[0, 3, 5], [0.0, 1.0, 1.0], [7.0, 8.0, 8.0], [2.0, 3.0, 3.0]]
    """
    if len(rows) <= 2 * most:
        return rows, lower, upper, expected
    starts = np.linspace(0, len(rows), most, endpoint=False).astype(np.int64)
    stretches = np.split(expected, starts[1:])
    middles = [np.median(part[~np.isnan(part)]) if not np.isnan(part).all() else np.nan for part in stretches]
    parts = (np.fmin.reduceat(lower, starts), np.fmax.reduceat(upper, starts), np.array(middles))
    low, high, middle = (np.append(part, part[-1]) for part in parts)
    return np.append(rows[starts], rows[-1]), low, high, middle
