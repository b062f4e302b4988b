"""Fewer points of a long series that look the same when they are drawn."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.matrix import Floats

MOST_POINTS = 4000


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
